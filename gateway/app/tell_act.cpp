#include "gateway/app/tell_act.hpp"

#include "gateway/app/gateway.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

run::Task<Result<void>> tell_act(Gateway& gateway, access::Caller caller, std::string action,
                                 flow::ActDetails details) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Result<void> {
        const auto entry =
            flow::audit_entry(gateway.world().clock, caller.actor_type(), caller.actor(), action, details);
        return flow::write_entry(gateway.world().store, entry);
    });
}

}  // namespace tributary::app
