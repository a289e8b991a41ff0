#include "gateway/api/problem.hpp"

#include "gateway/value/document.hpp"
#include "gateway/value/json.hpp"

namespace tributary::api {
namespace {

std::string_view general_text(Fault fault) {
    switch (fault) {
        case Fault::transient:
            return "it cannot be done now: try again later, or look the request id up in the log";
        case Fault::bad_config:
            return "the configuration does not allow it: look the request id up in the log";
        default:
            return "it failed inside: look the request id up in the log";
    }
}

}  // namespace

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

bool hides_cause(Fault fault) {
    return fault == Fault::internal || fault == Fault::transient || fault == Fault::bad_config;
}

net::HttpResponse problem(const Error& error, std::string_view request_id, Reader reader) {
    return problem(status_of(error.fault), error, request_id, reader);
}

net::HttpResponse problem(int status, const Error& error, std::string_view request_id, Reader reader) {
    const bool hidden = reader != Reader::local && hides_cause(error.fault);
    value::Builder body;
    body.begin_object().key("title").text(name_of(error.fault)).key("status").integer(status);
    body.key("detail").text(hidden ? general_text(error.fault) : std::string_view(error.what));
    body.key("where").text(hidden ? std::string_view() : std::string_view(error.where));
    body.key("request_id").text(request_id).end();
    const auto document = body.take();
    net::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "application/problem+json"}};
    response.body = value::to_json(document.root());
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (error.retry_after && (status == 429 || status == 503)) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after);
        response.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
    }
    return response;
}

}  // namespace tributary::api
