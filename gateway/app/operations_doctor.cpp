#include "gateway/app/doctor_snapshot.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

// The command adds what it sees of files and ports, and judges.
run::Task<Result<value::Document>> gather(Gateway& gateway, value::Node) {
    co_return co_await run::on(gateway.world().pool, [&] { return inner_snapshot(gateway); });
}

}  // namespace

std::vector<NamedOperation> doctor_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::object, api::field::text,
        api::field::time;
    const api::Fields store{text("failed"), flag("disk_full"), integer("database_bytes"), integer("log_bytes"),
                            integer("max_size")};
    const api::Fields audit{integer("entries"), time("verified_at"), flag("whole")};
    const api::Fields destination{
        text("destination"), integer("items"), integer("blocked_lanes"), integer("oldest_seconds"), flag("paused"),
        text("reason"),      time("since")};
    const api::Fields sync{text("connection"), text("stream"), flag("never"), time("started_at"),
                           time("ended_at"),   text("error"),  time("due_at")};
    const api::Fields stream{text("connection"), text("stream"), integer("mapped"), integer("quarantined")};
    const api::Fields drift{text("connection"), text("stream"),   text("path"),
                            text("code"),       integer("count"), time("last_at")};
    const api::Fields letters{text("stage"), text("connection"), text("destination"), integer("letters")};
    const api::Fields alert{integer("id"), text("rule"), text("subject"),
                            api::field::one_of("severity", {"warning", "critical"}), text("what")};
    return {{"doctor",
             access::Permission::status_read,
             gather,
             {},
             {object("store", store), list("logins", login_fields()), time("newest_entry"), object("audit", audit),
              list("nodes", node_fields()), list("destinations", destination),
              list("held", {text("connection"), text("reason")}), list("syncs", sync), list("streams", stream),
              list("drift", drift), list("dead_letters", letters), list("alerts", alert)}}};
}

}  // namespace tributary::app
