// WatchedClient: an HttpClient that tells of requests which the egress rules stopped: a host that the connection has no
// business with, or a private address behind a public name.
#pragma once

#include <functional>
#include <string>

#include "gateway/net/http_client.hpp"

namespace tributary::net {

class WatchedClient final : public HttpClient {
  public:
    // `on_refused` gets the host as it was asked for, at most 253 bytes of it. It is called on the awaiting executor
    // and must not block. REQUIRES: the inner client outlives this one.
    using OnRefused = std::function<void(const std::string& host)>;
    WatchedClient(HttpClient& inner, OnRefused on_refused) : inner_(inner), on_refused_(std::move(on_refused)) {}

    run::Task<HttpResult> send(HttpRequest request, const HttpOptions& options) override;

  private:
    HttpClient& inner_;
    OnRefused on_refused_;
};

}  // namespace tributary::net
