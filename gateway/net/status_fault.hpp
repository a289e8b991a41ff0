// The one table from HTTP status to Fault. No other file compares status codes to learn what an answer means.
//
// 400 405 406 411 413 414 415 417 422 428 431 501 505 and other 4xx: bad_input; 401: unauthorized; 3xx, 402, 403, 407:
// bad_config (pause the destination, tell the operator); 404, 410: not_found; 409, 412: conflict; 429: rate_limited;
// 408, 421, 423, 425 and other 5xx: transient; 1xx and nonsense: transient.
#pragma once

#include <optional>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/net/http.hpp"

namespace tributary::net {

// nullopt for 2xx.
std::optional<Fault> fault_of_status(int status);

// How strongly an answer of this status speaks against the destination's health (run/breaker.hpp): 0 not at all, 1, or
// 2 for overload (502, 503, 504, 529).
unsigned breaker_weight(int status);

// nullopt for 2xx; else the Error with its Retry-After hint. The text names the status, never the body.
std::optional<Error> error_of(const HttpResponse& response, Timestamp now);

}  // namespace tributary::net
