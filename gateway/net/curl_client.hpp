// CurlClient: the HttpClient on libcurl, driven by one loop. Connections are kept and reused; at most
// `max_connections` are open and `per_host` to one host, further requests wait their turn within their total timeout.
#pragma once

#include <memory>
#include <string>

#include "gateway/net/http_client.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::net {

struct CurlLimits {
    unsigned max_connections = 256;
    unsigned per_host = 32;
    std::string user_agent = "tributary";
};

class CurlEngine;

class CurlClient final : public HttpClient {
  public:
    // REQUIRES: `loop` outlives the client, and the client is destroyed on the loop's thread or after loop.stop(). A
    // caller's own loop outlives its calls. SIGPIPE is ignored by the process (run::GracefulStop::watch_signals does
    // that).
    explicit CurlClient(run::Loop& loop, CurlLimits limits = {});
    ~CurlClient() override;
    run::Task<HttpResult> send(HttpRequest request, const HttpOptions& options) override;

  private:
    std::shared_ptr<CurlEngine> engine_;  // handlers pending on the loop hold it too
};

}  // namespace tributary::net
