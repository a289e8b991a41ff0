// AdminFace: health, readiness, metrics, and the operations that the command line asks of a running gateway.
//
// GET /healthz, /readyz, /metrics are open: bind the face to loopback or a private network. POST /v1/operations/<name>
// takes a JSON object and needs the bearer token that the gateway writes (mode 0600) beside its store.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "gateway/api/metrics.hpp"
#include "gateway/base/result.hpp"
#include "gateway/net/http.hpp"
#include "gateway/run/task.hpp"
#include "gateway/value/document.hpp"

namespace tributary::api {

struct AdminHooks {
    std::function<run::Task<Result<value::Document>>(std::string, value::Document)> operate;  // name, arguments
    std::function<run::Task<Result<Snapshot>>()> snapshot;
};

class AdminFace {
  public:
    AdminFace(AdminHooks hooks, std::string token) : hooks_(std::move(hooks)), token_(std::move(token)) {}

    run::Task<net::HttpResponse> handle(net::InboundHttp request);
    // Load balancers look at readiness; a stopping gateway says no before it closes its ports.
    void set_ready(bool ready) { ready_.store(ready); }

  private:
    run::Task<net::HttpResponse> operate(net::InboundHttp request, std::string name);
    AdminHooks hooks_;
    std::string token_;
    std::atomic<bool> ready_ = false;
};

// An Error as RFC 9457 problem details.
net::HttpResponse problem(const Error& error);

}  // namespace tributary::api
