// ApprovalDesk: acts that take two persons. What is asked waits in the store, sealed, until somebody else decides;
// whoever confirms gets the act back, to be carried out in the name of the one who asked.
#pragma once

#include <string>
#include <vector>

#include "gateway/access/approval.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

struct ConfirmedAct {
    access::Approval approval;
    std::string arguments;  // JSON
};

// Threads: any. Blocks on the store.
class ApprovalDesk {
  public:
    // All of them outlive it.
    ApprovalDesk(store::Store& store, const vault::KeyRing& ring, crypto::Random& random, const Clock& clock)
        : store_(store), ring_(ring), random_(random), clock_(clock) {}

    Result<access::Approval> ask(const access::Caller& by, std::string_view operation, std::string_view arguments);
    // From now on it is decided, and only once: of two who confirm, one gets conflict. refused: by the one who asked.
    Result<ConfirmedAct> confirm(const access::Caller& by, const std::string& id);
    // What it asks, for the one who decides; audited.
    Result<ConfirmedAct> show(const access::Caller& by, const std::string& id);
    Result<void> refuse(const access::Caller& by, const std::string& id);
    Result<std::vector<access::Approval>> list(std::string_view after, std::size_t limit);

  private:
    Result<access::Approval> decide(const access::Caller& by, const std::string& id, access::ApprovalState state);
    store::Store& store_;
    const vault::KeyRing& ring_;
    crypto::Random& random_;
    const Clock& clock_;
};

}  // namespace tributary::flow
