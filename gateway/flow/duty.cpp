#include "gateway/flow/duty.hpp"

#include <utility>

namespace tributary::flow {

Result<bool> Duty::begin() {
    if (among_ == Among::gateways && !world_.store.shared()) return true;
    CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
        TRY(token_, session.leases().acquire(lease_, "gateway", turn_, world_.clock.now()));
        return {};
    }));
    return token_.has_value();
}

Result<void> Duty::end() {
    const auto token = std::exchange(token_, std::nullopt);
    if (!token) return {};
    return world_.store.write([&](store::Session& session) { return session.leases().release(lease_, *token); });
}

}  // namespace tributary::flow
