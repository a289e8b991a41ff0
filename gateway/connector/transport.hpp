// Transport: how a connector sends one HTTP request. The real one is net's HTTP client (http_transport.hpp); the
// contract suite injects a scripted one, so connectors are tested without sockets.
//
// An answer of any status is a value: only its connector knows what a 400 means. A failed Result means that no complete
// answer came; `sent` then tells whether the request may have arrived, which makes the outcome of a write ambiguous.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"

namespace tributary::connector {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first header of that name, case ignored; nullptr when absent.
const std::string* find_header(const Headers& headers, std::string_view name);

struct HttpCall {
    std::string method = "GET";
    std::string url;  // absolute
    Headers headers;
    std::string body;
    Milliseconds timeout{30000};
    std::size_t max_answer_bytes = 64UL << 20;
};

struct HttpAnswer {
    int status = 0;
    Headers headers;
    std::string body;

    const std::string* header(std::string_view name) const { return find_header(headers, name); }
};

struct NoAnswer {
    Error error;
    bool sent = false;  // the request may have reached the other side
};

class Transport {
  public:
    virtual ~Transport() = default;
    // Redirects are answers, never followed.
    virtual run::Task<std::expected<HttpAnswer, NoAnswer>> send(HttpCall call) = 0;
};

}  // namespace tributary::connector
