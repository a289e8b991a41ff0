#include "gateway/net/status_fault.hpp"

#include <fmt/format.h>

#include "gateway/net/retry_after.hpp"

namespace tributary::net {

std::optional<Fault> fault_of_status(int status) {
    switch (status) {
        case 401:
            return Fault::unauthorized;
        case 402:
        case 403:
        case 407:
            return Fault::bad_config;
        case 404:
        case 410:
            return Fault::not_found;
        case 409:
        case 412:
            return Fault::conflict;
        case 408:
        case 421:
        case 423:
        case 425:
            return Fault::transient;
        case 429:
            return Fault::rate_limited;
        case 501:
        case 505:
            return Fault::bad_input;
        default:
            break;
    }
    if (status >= 200 && status < 300) return std::nullopt;
    if (status >= 300 && status < 400) return Fault::bad_config;
    if (status >= 400 && status < 500) return Fault::bad_input;
    return Fault::transient;
}

unsigned breaker_weight(int status) {
    switch (status) {
        case 502:
        case 503:
        case 504:
        case 529:
            return 2;
        default:
            return fault_of_status(status) == Fault::transient && status >= 500 ? 1 : 0;
    }
}

std::optional<Error> error_of(const HttpResponse& response, Timestamp now) {
    auto fault = fault_of_status(response.status);
    if (!fault) return std::nullopt;
    auto redirect = response.status >= 300 && response.status < 400;
    Error error{*fault, fmt::format("the server answered {} {}{}", response.status, reason_phrase(response.status),
                                    redirect ? "; redirects are not followed: give the final address" : "")};
    error.retry_after = retry_after(response.headers, now);
    return error;
}

}  // namespace tributary::net
