// AdminFace: health, readiness, metrics, and everything that can be asked of a running gateway, as resources and as
// operations by name.
//
// Each request gets an id, which stands in its answer and in the log. Who asks is known by a bearer token: of a
// session, of the API, or the one that the gateway writes (mode 0600) beside its store for the command line of the same
// machine. What a route takes is declared in its table; a table with an undeclared route is refused. Writes with an
// Idempotency-Key are done once.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/access/caller.hpp"
#include "gateway/api/call_quota.hpp"
#include "gateway/api/metrics.hpp"
#include "gateway/api/route.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/flow/bearer_check.hpp"
#include "gateway/flow/repeated_writes.hpp"
#include "gateway/net/http.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/task.hpp"
#include "gateway/value/document.hpp"

namespace tributary::api {

// What the face works with; all of it outlives the face.
struct AdminParts {
    flow::BearerCheck& bearers;
    flow::RepeatedWrites& writes;
    run::Pool& pool;
    crypto::Random& random;
    Log& log;
    const Clock& clock;
    std::string local_token;
    bool open_metrics = true;
    CallLimits limits;  // of each user and token; the local operator has none
    std::vector<Route> routes;
    std::vector<OperationInfo> operations;
    // Checks the permission itself. Name, arguments.
    std::function<run::Task<Result<value::Document>>(access::Caller, std::string, value::Document)> operate;
    std::function<run::Task<Result<Snapshot>>()> snapshot;
    // Quick, and from any thread.
    std::function<store::StoreHealth()> health;
};

class AdminFace {
  public:
    // bad_config: a route is not declared as it must be.
    static Result<std::unique_ptr<AdminFace>> make(AdminParts parts);

    run::Task<net::HttpResponse> handle(net::InboundHttp request);
    // Load balancers look at readiness; a stopping gateway says no before it closes its ports.
    void set_ready(bool ready) { ready_.store(ready); }

  private:
    struct Asked;
    explicit AdminFace(AdminParts parts);
    run::Task<net::HttpResponse> answer(Asked& asked);
    run::Task<net::HttpResponse> answer_fixed(Asked& asked);
    net::HttpResponse answer_health(std::string_view path) const;
    run::Task<net::HttpResponse> answer_operation(Asked& asked, const OperationInfo& operation);
    run::Task<net::HttpResponse> answer_once(Asked& asked, const OperationInfo& operation, const std::string& key);
    run::Task<Result<access::Caller>> authenticate(const net::InboundHttp& request);
    net::HttpResponse refuse(const Asked& asked, const Error& error, int status = 0);
    const OperationInfo* operation_named(std::string_view name) const;

    AdminParts parts_;
    CallQuota quota_;
    std::string open_api_;
    std::atomic<bool> ready_ = false;
};

}  // namespace tributary::api
