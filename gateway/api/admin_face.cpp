#include "gateway/api/admin_face.hpp"

#include <algorithm>

#include "gateway/api/open_api.hpp"
#include "gateway/api/problem.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/value/json.hpp"

namespace tributary::api {
namespace {

constexpr std::size_t kLongestKey = 255;

net::HttpResponse answer_with(int status, std::string type, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", std::move(type)}};
    response.body = std::move(body);
    return response;
}

bool writes(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "DELETE";
}

// Nothing was done, or it is not known what: the key may be used again.
bool may_come_again(int status) {
    return status >= 500 || status == 401 || status == 403 || status == 429;
}

// X-Purpose says what personal values are read for, where the operation reads any.
Result<value::Document> with_purpose(const OperationInfo& operation, const net::InboundHttp& request,
                                     value::Document arguments) {
    const auto* purpose = request.header("X-Purpose");
    const auto root = arguments.root();
    if (!purpose || !operation.takes_field(kReadFor) || !root.is(value::Kind::object)) return arguments;
    if (const auto said = root.find(kReadFor)) {
        if (said.text() == *purpose) return arguments;
        return fail(Fault::bad_input, "says another purpose than the argument read_for", "X-Purpose");
    }
    value::Builder out;
    out.begin_object();
    for (const auto member : root) out.key(member.key()).copy(member);
    out.key(kReadFor).text(*purpose).end();
    return out.take();
}

}  // namespace

struct AdminFace::Asked {
    net::InboundHttp request;
    std::string id;
    Matched matched;
    access::Caller caller = access::nobody();

    Reader reader() const { return caller.kind == access::Caller::Kind::local ? Reader::local : Reader::other; }
};

AdminFace::AdminFace(AdminParts parts)
    : parts_(std::move(parts)),
      quota_(parts_.limits, parts_.clock),
      open_api_(open_api(parts_.routes, parts_.operations)) {}

Result<std::unique_ptr<AdminFace>> AdminFace::make(AdminParts parts) {
    CHECK_OK(check_routes(parts.routes, parts.operations));
    return std::unique_ptr<AdminFace>(new AdminFace(std::move(parts)));
}

const OperationInfo* AdminFace::operation_named(std::string_view name) const {
    const auto found = std::ranges::find(parts_.operations, name, &OperationInfo::name);
    return found == parts_.operations.end() ? nullptr : &*found;
}

net::HttpResponse AdminFace::refuse(const Asked& asked, const Error& error, int status) {
    if (status == 0) status = status_of(error.fault);
    const auto route = asked.matched.route ? asked.matched.route->path : std::string_view("unknown");
    if (hides_cause(error.fault) || status >= 500)
        parts_.log.error(
            "request failed", error,
            {{"request_id", asked.id}, {"route", route}, {"status", status}, {"caller", asked.caller.actor()}});
    else
        parts_.log.info("request refused", {{"request_id", asked.id},
                                            {"route", route},
                                            {"status", status},
                                            {"fault", name_of(error.fault)},
                                            {"caller", asked.caller.actor()}});
    return problem(status, error, asked.id, asked.reader());
}

run::Task<net::HttpResponse> AdminFace::handle(net::InboundHttp request) {
    Asked asked{.request = std::move(request), .id = to_hex(crypto::random_bytes(8, parts_.random))};
    auto response = co_await answer(asked);
    response.headers.emplace_back("X-Request-Id", asked.id);
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    co_return response;
}

run::Task<Result<access::Caller>> AdminFace::authenticate(const net::InboundHttp& request) {
    const auto* authorization = request.header("Authorization");
    if (!authorization) co_return access::nobody();
    if (crypto::equal(*authorization, "Bearer " + parts_.local_token)) co_return access::local_operator();
    constexpr std::string_view kScheme = "Bearer ";
    if (!equal_ignoring_case(std::string_view(*authorization).substr(0, kScheme.size()), kScheme))
        co_return fail(Fault::unauthorized, "takes a bearer token", "authorization");
    co_return co_await run::on(parts_.pool, [&, bearer = authorization->substr(kScheme.size())] {
        return parts_.bearers.caller(bearer, request.peer);
    });
}

run::Task<net::HttpResponse> AdminFace::answer(Asked& asked) {
    const auto& request = asked.request;
    auto matched = match(parts_.routes, request.method, request.path());
    if (!matched && matched.error().fault == Fault::bad_input) {
        auto response = refuse(asked, {Fault::bad_input, matched.error().what, "method"}, 405);
        response.headers.emplace_back("Allow", matched.error().where);
        co_return response;
    }
    if (!matched) co_return refuse(asked, matched.error());
    asked.matched = std::move(*matched);
    const auto& route = *asked.matched.route;
    if (route.guard == Guard::open || (route.guard == Guard::metrics && parts_.open_metrics))
        co_return co_await answer_fixed(asked);

    auto caller = co_await authenticate(request);
    if (!caller) co_return refuse(asked, caller.error());
    asked.caller = std::move(*caller);
    using Kind = access::Caller::Kind;
    if (asked.caller.kind == Kind::user || asked.caller.kind == Kind::token)
        if (const auto wait = quota_.ask(asked.caller.actor())) {
            Error error{Fault::rate_limited, "this caller asks too often", "authorization"};
            error.retry_after = *wait;
            co_return refuse(asked, error);
        }
    if (route.guard == Guard::permission || route.guard == Guard::metrics) {
        const auto permission = route.guard == Guard::metrics ? access::Permission::metrics_read : route.permission;
        if (auto may = access::check_permission(asked.caller, permission); !may) co_return refuse(asked, may.error());
        co_return co_await answer_fixed(asked);
    }
    const auto name =
        route.guard == Guard::named ? std::string_view(asked.matched.names.at("operation")) : route.operation;
    const auto* operation = operation_named(name);
    if (!operation) {
        std::vector<std::string> known;
        for (const auto& one : parts_.operations) known.emplace_back(one.name);
        const auto near = nearest(name, known);
        co_return refuse(asked, {Fault::not_found,
                                 near ? "no such operation: did you mean " + *near + "?"
                                      : "no such operation; known: " + join(known, ", "),
                                 "operation"});
    }
    const auto* key = request.header("Idempotency-Key");
    if (!key || !writes(request.method) || asked.caller.kind == access::Caller::Kind::anonymous)
        co_return co_await answer_operation(asked, *operation);
    if (key->empty() || key->size() > kLongestKey)
        co_return refuse(asked, {Fault::bad_input, "takes 1 to 255 characters", "Idempotency-Key"});
    co_return co_await answer_once(asked, *operation, *key);
}

run::Task<net::HttpResponse> AdminFace::answer_once(Asked& asked, const OperationInfo& operation,
                                                    const std::string& key) {
    const auto& request = asked.request;
    const auto digest = flow::RepeatedWrites::key_of(asked.caller.actor(), key);
    const auto content = crypto::sha256(request.method + "\n" + request.target + "\n" + request.body);
    auto before = co_await run::on(parts_.pool, [&] { return parts_.writes.begin(digest, content); });
    if (!before) co_return refuse(asked, before.error(), before.error().fault == Fault::bad_input ? 422 : 0);
    if (*before) {
        auto response =
            answer_with((*before)->status, (*before)->status < 300 ? "application/json" : "application/problem+json",
                        (*before)->body);
        response.headers.emplace_back("Idempotency-Replayed", "true");
        co_return response;
    }
    auto response = co_await answer_operation(asked, operation);
    auto kept = co_await run::on(parts_.pool, [&] {
        return may_come_again(response.status)
                   ? parts_.writes.forget(digest)
                   : parts_.writes.finish(digest, content, {response.status, response.body});
    });
    if (!kept)
        parts_.log.error("an answer is not kept for its idempotency key", kept.error(), {{"request_id", asked.id}});
    co_return response;
}

run::Task<net::HttpResponse> AdminFace::answer_operation(Asked& asked, const OperationInfo& operation) {
    const bool by_name = asked.matched.route->guard == Guard::named;
    const auto& request = asked.request;
    Result<value::Document> arguments = value::Document();
    // Who may not do it does not learn what it takes: asked without arguments, it is refused, and that is audited.
    const bool may = access::check_permission(asked.caller, operation.permission).has_value();
    if (!may)
        arguments = value::parse_json("{}");
    else if (by_name)
        arguments = value::parse_json(request.body.empty() ? "{}" : request.body);
    else
        arguments = bind_arguments(operation, asked.matched, request.query(), request.body);
    if (arguments && may) arguments = with_purpose(operation, request, std::move(*arguments));
    if (!arguments) co_return refuse(asked, by_name ? std::move(arguments).error().in("body") : arguments.error());
    auto result = co_await parts_.operate(asked.caller, std::string(operation.name), std::move(*arguments));
    if (!result) {
        // Another system did not know us: that is not the caller's doing.
        const bool upstream = may && result.error().fault == Fault::unauthorized &&
                              operation.permission != access::Permission::session_open &&
                              asked.reader() != Reader::local;
        co_return refuse(asked,
                         upstream ? Error{Fault::transient, result.error().what, result.error().where} : result.error(),
                         upstream ? 502 : 0);
    }
    const bool waits = operation.persons == Persons::two && result->root().find("approval");
    const auto answered = by_name ? std::move(*result) : with_cursor(operation.name, std::move(*result));
    co_return answer_with(waits ? 202 : 200, "application/json", value::to_json(answered.root()));
}

// Asks nothing of the store: a database that is away must not keep a balancer waiting. A restart brings none back, so
// the process is healthy without it.
net::HttpResponse AdminFace::answer_health(std::string_view path) const {
    const auto health = parts_.health();
    if (health.poisoned) return answer_with(503, "text/plain", "store failed: see the log, then restart\n");
    if (path == "/readyz") {
        if (!ready_) return answer_with(503, "text/plain", "not ready\n");
        if (health.away) return answer_with(503, "text/plain", "the database does not answer\n");
        if (health.disk_full) return answer_with(503, "text/plain", "disk is full\n");
    }
    return answer_with(200, "text/plain", "ok\n");
}

run::Task<net::HttpResponse> AdminFace::answer_fixed(Asked& asked) {
    const auto path = asked.matched.route->path;
    if (path == "/healthz" || path == "/readyz") co_return answer_health(path);
    if (path == "/v1/openapi.json") co_return answer_with(200, "application/json", open_api_);
    auto snapshot = co_await parts_.snapshot();
    if (!snapshot) co_return refuse(asked, snapshot.error());
    co_return answer_with(200, "text/plain; version=0.0.4; charset=utf-8", render_metrics(*snapshot));
}

}  // namespace tributary::api
