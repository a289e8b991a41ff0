#include "gateway/api/admin_face.hpp"

#include "gateway/crypto/equal.hpp"
#include "gateway/value/json.hpp"

namespace tributary::api {
namespace {

constexpr std::string_view kOperations = "/v1/operations/";

net::HttpResponse answer(int status, std::string type, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", std::move(type)}, {"Cache-Control", "no-store"}};
    response.body = std::move(body);
    return response;
}

int status_of(Fault fault) {
    switch (fault) {
        case Fault::bad_input:
        case Fault::bad_config:
            return 400;
        case Fault::unauthorized:
            return 401;
        case Fault::refused:
            return 403;
        case Fault::not_found:
            return 404;
        case Fault::conflict:
            return 409;
        case Fault::rate_limited:
            return 429;
        case Fault::transient:
            return 503;
        case Fault::internal:
            return 500;
    }
    return 500;
}

}  // namespace

net::HttpResponse problem(const Error& error) {
    value::Builder body;
    int status = status_of(error.fault);
    body.begin_object().key("title").text(name_of(error.fault)).key("status").integer(status);
    body.key("detail").text(error.what).key("where").text(error.where).end();
    auto document = body.take();
    return answer(status, "application/problem+json", value::to_json(document.root()));
}

run::Task<net::HttpResponse> AdminFace::handle(net::InboundHttp request) {
    std::string path(request.path());
    if (path.starts_with(kOperations)) {
        if (request.method != "POST") co_return problem({Fault::bad_input, "operations take POST", path});
        co_return co_await operate(std::move(request), path.substr(kOperations.size()));
    }
    if (request.method != "GET") co_return problem({Fault::bad_input, "this path takes GET", path});
    if (path == "/healthz" || path == "/readyz") {
        auto snapshot = co_await hooks_.snapshot();
        bool healthy = snapshot && !snapshot->health.poisoned;
        if (!healthy) co_return answer(503, "text/plain", "store failed: see the log, then restart\n");
        if (path == "/readyz" && (!ready_ || snapshot->health.disk_full))
            co_return answer(503, "text/plain", ready_ ? "disk is full\n" : "not ready\n");
        co_return answer(200, "text/plain", "ok\n");
    }
    if (path == "/metrics") {
        auto snapshot = co_await hooks_.snapshot();
        if (!snapshot) co_return problem(snapshot.error());
        co_return answer(200, "text/plain; version=0.0.4; charset=utf-8", render_metrics(*snapshot));
    }
    co_return problem({Fault::not_found, "known paths: /healthz, /readyz, /metrics, /v1/operations/<name>", path});
}

run::Task<net::HttpResponse> AdminFace::operate(net::InboundHttp request, std::string name) {
    const auto* authorization = request.header("Authorization");
    if (!authorization || !crypto::equal(*authorization, "Bearer " + token_))
        co_return problem({Fault::unauthorized,
                           "the bearer token is missing or wrong: it stands in admin.token beside the store",
                           "authorization"});
    auto arguments = value::parse_json(request.body.empty() ? "{}" : request.body);
    if (!arguments) co_return problem(std::move(arguments).error().in("body"));
    auto result = co_await hooks_.operate(std::move(name), std::move(*arguments));
    if (!result) co_return problem(result.error());
    co_return answer(200, "application/json", value::to_json(result->root()));
}

}  // namespace tributary::api
