// HttpClient: sends one request and returns its answer, whatever its status; net/status_fault.hpp says what a status
// means. Redirects are never followed, proxies of the environment never used, certificates always verified.
//
// An interface, so that connectors are tested without a network; CurlClient (curl_client.hpp) is the real one.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/error.hpp"
#include "gateway/net/http.hpp"
#include "gateway/net/outbound_url.hpp"
#include "gateway/run/task.hpp"

namespace tributary::net {

struct HttpOptions {
    Milliseconds connect_timeout = std::chrono::seconds{5};
    Milliseconds total_timeout = std::chrono::seconds{15};  // from the call to the last byte of the body
    // Slower than this for low_speed_time is given up before the total timeout.
    std::uint64_t low_speed_bytes_per_second = 100;
    Milliseconds low_speed_time = std::chrono::seconds{10};
    std::size_t max_body = 1 << 20;  // bytes after decompression
    double max_inflation = 100;      // decompressed to compressed
    Egress egress;
    std::string ca_file;  // PEM file trusted instead of the system's store; empty: the system's
    // PEM files shown to a server that asks who we are; empty: nothing is shown.
    std::string certificate_file, key_file;
    // As key_pin() (certificate.hpp) gives it: the server must hold exactly this key, and then neither its name nor who
    // signed it matters.
    std::string pinned_key;
    // The same bytes may be sent twice without harm (an idempotency key is in them). GET, HEAD, PUT, DELETE and OPTIONS
    // always may. Without it a request is never repeated on a connection that died.
    bool resend_safe = false;
};

// The request did not end in a complete answer.
struct HttpFailure {
    Error error;
    // Bytes of the request may have reached the server: it may have acted. False: nothing was sent, so a resend is
    // safe.
    bool ambiguous = false;
};

using HttpResult = std::expected<HttpResponse, HttpFailure>;

class HttpClient {
  public:
    virtual ~HttpClient() = default;
    // Faults: transient (not reached, timed out, broken answer), refused (egress rules), bad_config (URL, header,
    // certificate), never a status. REQUIRES: `options` outlives the await. May be awaited from any executor.
    virtual run::Task<HttpResult> send(HttpRequest request, const HttpOptions& options) = 0;
};

}  // namespace tributary::net
