// A stream's first page, recorded over a live connection and written as a conversation of the contract suite
// (tests/contract/connector/conversation.hpp), without anybody's data in it.
//
// How: the answers are masked, then the connector reads them again from a script, with made-up credentials; what it
// asks then, and what it makes of it, is what the file says. So neither a credential nor a live address parameter can
// stand in it, and a file that would not replay is never written.
#pragma once

#include <deque>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "gateway/app/fixture_masks.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/net/http_client.hpp"

namespace tributary::app {

// Passes on and keeps what was asked and answered. On one loop.
class RecordingHttp final : public net::HttpClient {
  public:
    explicit RecordingHttp(net::HttpClient& inner) : inner_(inner) {}
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions& options) override;
    std::vector<net::HttpResponse> take() { return std::exchange(answers_, {}); }

  private:
    net::HttpClient& inner_;
    std::vector<net::HttpResponse> answers_;
};

struct Recording {
    std::string connector;
    std::string stream;
    value::Document settings;  // of the connection, as written
    std::vector<net::HttpResponse> answers;
    Timestamp now;
};

// The text of the file. bad_input: an answer is no JSON, or the masked answers do not replay (and why).
Result<std::string> fixture_text(const connector::Registry& registry, const Recording& recording, FixtureMasks& masks,
                                 Log& log);

}  // namespace tributary::app
