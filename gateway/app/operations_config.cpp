// config.reload: the files of the configuration, read again by the gateway that runs.
#include "gateway/app/operations.hpp"
#include "gateway/app/running_gateway.hpp"

namespace tributary::app {
namespace {

run::Task<Result<value::Document>> reload(Gateway& gateway, const access::Caller& caller, value::Node) {
    auto* running = gateway.host().running.load();
    if (!running)
        co_return fail(Fault::not_found, "no gateway runs here: `tributary run` reads the files when it starts",
                       gateway.catalogue().config.file.string());
    CO_CHECK_OK(co_await running->reload(caller));
    const auto fresh = running->current();
    const auto& config = fresh->catalogue().config;
    value::Builder out;
    out.begin_object().key("connections").integer(static_cast<std::int64_t>(config.connections.size()));
    out.key("deliveries").integer(static_cast<std::int64_t>(config.deliveries.size()));
    co_return out.end().take();
}

}  // namespace

std::vector<NamedOperation> config_operations() {
    using api::field::integer;
    return {{"config.reload",
             access::Permission::config_reload,
             reload,
             {},
             {integer("connections"), integer("deliveries")}}};
}

}  // namespace tributary::app
