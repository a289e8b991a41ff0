#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/tell_act.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/sync_job.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

void write_count(value::Builder& out, std::string_view name, std::uint64_t count) {
    out.key(name).integer(static_cast<std::int64_t>(count));
}

run::Task<Answer> run_sync(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto connection, needed_text(arguments, "connection"));
    CO_TRY(auto stream, needed_text(arguments, "stream"));
    flow::SyncOptions options;
    CO_TRY(options.from_start, flag_argument(arguments, "from_start"));
    CO_CHECK_OK(co_await tell_act(
        gateway, caller, "sync.run",
        {{"connection", connection}, {"stream", stream}, {"from_start", options.from_start ? "yes" : "no"}}));
    flow::SyncJob job(gateway.world(), gateway.process());
    CO_TRY(auto progress, co_await job.run(connection, stream, options));
    co_return sync_result(progress);
}

run::Task<Answer> list_runs(Gateway& gateway, value::Node arguments) {
    CO_TRY(auto connection, text_argument(arguments, "connection"));
    CO_TRY(auto stream, text_argument(arguments, "stream"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    CO_TRY(const auto before, integer_argument(arguments, "after"));
    const auto most = static_cast<std::size_t>(limit.value_or(50));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(auto runs, session.jobs().list(connection.value_or(""), stream.value_or(""), before.value_or(0), most));
            out.begin_object().key("runs").begin_array();
            for (const auto& run : runs) {
                out.begin_object().key("connection").text(run.connection).key("stream").text(run.stream);
                out.key("started_at").text(record::timestamp_text(run.started_at));
                out.key("ended_at").text(run.ended_at ? record::timestamp_text(*run.ended_at) : "");
                write_count(out, "records", run.records);
                write_count(out, "unchanged", run.unchanged);
                write_count(out, "quarantined", run.quarantined);
                out.key("error").text(run.error).end();
            }
            out.end();
            if (!runs.empty() && runs.size() == most) out.key("next").integer(runs.back().id);
            out.end();
            return {};
        }));
        return out.take();
    });
}

run::Task<Answer> reset(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(auto connection, needed_text(arguments, "connection"));
    CO_TRY(auto stream, needed_text(arguments, "stream"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        const auto entry = flow::audit_entry(gateway.world().clock, caller, "sync.reset",
                                             {{"connection", connection}, {"stream", stream}});
        CHECK_OK(gateway.world().store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.checkpoints().remove(connection, stream));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            return {};
        }));
        value::Builder out;
        out.begin_object().key("reset").text(connection + "/" + stream).end();
        return out.take();
    });
}

}  // namespace

value::Document sync_result(const flow::SyncProgress& progress) {
    value::Builder out;
    out.begin_object();
    write_count(out, "records", progress.records);
    write_count(out, "changed", progress.changed);
    write_count(out, "unchanged", progress.unchanged);
    write_count(out, "stale", progress.stale);
    write_count(out, "skipped", progress.skipped);
    write_count(out, "quarantined", progress.quarantined);
    write_count(out, "pages", progress.pages);
    out.end();
    return out.take();
}

std::vector<NamedOperation> sync_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::text,
        api::field::time;
    using enum access::Permission;
    const api::Fields run{text("connection"), text("stream"),       time("started_at"),     time("ended_at").or_empty(),
                          integer("records"), integer("unchanged"), integer("quarantined"), text("error")};
    const api::Fields progress{integer("records"), integer("changed"),     integer("unchanged"), integer("stale"),
                               integer("skipped"), integer("quarantined"), integer("pages")};
    return {{"sync.run",
             access::Permission::sync_run,
             run_sync,
             {text("connection").needed(), text("stream").needed(), flag("from_start")},
             progress},
            {"sync.status",
             status_read,
             list_runs,
             {text("connection"), text("stream"), integer("after"), integer("limit")},
             {list("runs", run), anything("next")}},
            {"sync.reset",
             access::Permission::sync_run,
             reset,
             {text("connection").needed(), text("stream").needed()},
             {text("reset")}}};
}

}  // namespace tributary::app
