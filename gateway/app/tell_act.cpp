#include "gateway/app/tell_act.hpp"

#include "gateway/app/gateway.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {

run::Task<Result<void>> tell_act(Gateway& gateway, access::Caller caller, std::string action,
                                 flow::ActDetails details) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Result<void> {
        const auto entry =
            flow::audit_entry(gateway.world().clock, caller.actor_type(), caller.actor(), action, details);
        return gateway.world().store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        });
    });
}

}  // namespace tributary::app
