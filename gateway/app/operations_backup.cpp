#include "gateway/app/arguments.hpp"
#include "gateway/app/backup_answers.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using BackupAnswer = Result<value::Document>;

std::unexpected<Error> no_backups(Gateway& gateway) {
    if (!std::holds_alternative<SqliteConfig>(gateway.catalogue().config.store)) return no_file_backups();
    return fail(Fault::bad_config, "there is no place for backups: give `backup: { folder: ... }` in gateway.yaml",
                "backup");
}

// keys_only: after keys were destroyed or wrapped anew.
run::Task<BackupAnswer> back_up(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto keys_only, flag_argument(arguments, "keys_only"));
    auto* backups = gateway.backups();
    if (!backups) co_return no_backups(gateway);
    co_return co_await run::on(gateway.world().pool, [&, keys_only]() -> BackupAnswer {
        TRY(const auto done, backups->back_up(keys_only));
        value::Builder out;
        out.begin_object().key("files").begin_array();
        for (const auto& file : done.files) write_file(out, file);
        out.end().key("took_ms").integer(done.took.count()).end();
        return out.take();
    });
}

run::Task<BackupAnswer> drill(Gateway& gateway, value::Node) {
    auto* backups = gateway.backups();
    if (!backups) co_return no_backups(gateway);
    co_return co_await run::on(gateway.world().pool, [&]() -> BackupAnswer {
        TRY(const auto outcome, backups->drill());
        value::Builder out;
        write_drill(out, outcome);
        return out.take();
    });
}

}  // namespace

void write_file(value::Builder& out, const backup::File& file) {
    const auto& manifest = file.manifest;
    out.begin_object().key("file").text(file.path.string()).key("id").text(manifest.id.text());
    out.key("holds").text(backup::name_of(manifest.kind));
    out.key("created").text(record::timestamp_text(manifest.created));
    out.key("rows").integer(static_cast<std::int64_t>(manifest.rows()));
    out.key("bytes").integer(static_cast<std::int64_t>(file.bytes)).key("schema").integer(manifest.schema);
    out.key("audit_entries").integer(static_cast<std::int64_t>(manifest.audit_size)).end();
}

void write_drill(value::Builder& out, const flow::DrillOutcome& outcome) {
    const auto count = [&](std::string_view name, std::int64_t number) { out.key(name).integer(number); };
    out.begin_object().key("passed").boolean(outcome.passed()).key("backup").text(outcome.backup.text());
    out.key("at").text(record::timestamp_text(outcome.at));
    count("rows", static_cast<std::int64_t>(outcome.rows));
    count("audit_entries", static_cast<std::int64_t>(outcome.audit_entries));
    count("records_opened", static_cast<std::int64_t>(outcome.opened));
    count("rpo_ms", outcome.rpo.count());
    count("rto_ms", outcome.rto.count());
    out.key("failures").begin_array();
    for (const auto& failure : outcome.failures) out.text(failure);
    out.end().end();
}

std::vector<NamedOperation> backup_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::one_of, api::field::text,
        api::field::texts, api::field::time, api::field::uid;
    const api::Fields file{text("file"),
                           uid("id"),
                           one_of("holds", api::names_to(backup::Kind::keys)),
                           time("created"),
                           integer("rows"),
                           integer("bytes"),
                           integer("schema"),
                           integer("audit_entries")};
    return {{"backup.run",
             access::Permission::backup_run,
             back_up,
             {flag("keys_only")},
             {list("files", file), integer("took_ms")}},
            {"backup.drill",
             access::Permission::backup_run,
             drill,
             {},
             {flag("passed"), uid("backup"), time("at"), integer("rows"), integer("audit_entries"),
              integer("records_opened"), integer("rpo_ms"), integer("rto_ms"), texts("failures")}}};
}

}  // namespace tributary::app
