// The gateways that share the store.
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

run::Task<Result<value::Document>> list(Gateway& gateway, value::Node) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Result<value::Document> {
        value::Builder out;
        out.begin_object().key("nodes");
        CHECK_OK(gateway.world().store.read(
            [&](store::ReadSession& session) { return write_nodes(out, session, gateway.world().clock.now()); }));
        return out.end().take();
    });
}

}  // namespace

api::Fields node_fields() {
    using api::field::flag, api::field::text, api::field::time;
    return {text("node"),  text("name"),          text("version"), time("started_at"),
            flag("alive"), text("configuration"), text("refusal")};
}

Result<void> write_nodes(value::Builder& out, store::ReadSession& session, Timestamp now) {
    TRY(const auto nodes, session.nodes().list());
    out.begin_array();
    for (const auto& node : nodes) {
        out.begin_object().key("node").text(node.id).key("name").text(node.name).key("version").text(node.version);
        out.key("started_at").text(record::timestamp_text(node.started_at)).key("alive").boolean(node.until > now);
        out.key("configuration").text(node.generation).key("refusal").text(node.refusal).end();
    }
    out.end();
    return {};
}

std::vector<NamedOperation> node_operations() {
    return {{"node.list", access::Permission::status_read, list, {}, {api::field::list("nodes", node_fields())}}};
}

}  // namespace tributary::app
