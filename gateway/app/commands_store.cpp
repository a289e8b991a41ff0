// store migrate: moves the store of a gateway that does not run into PostgreSQL.
#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/config.hpp"
#include "gateway/app/input.hpp"
#include "gateway/store/postgres/import.hpp"

namespace tributary::app {
namespace {

Result<value::Document> migrate(const Common& common, const std::string& to) {
    TRY(const auto config, read_config(common));
    const auto* sqlite = std::get_if<SqliteConfig>(&config.store);
    if (!sqlite)
        return fail(Fault::bad_config,
                    "only a store of type sqlite is moved: keep the old configuration until this is done",
                    "store.type");
    TRY(const auto dsn, resolve_dsn(to, Environment()));
    Log log(common.log_level);
    const SystemClock clock;
    TRY(const auto done,
        store::import_sqlite(sqlite->path, dsn, clock, log, [&](const std::string& table, std::uint64_t rows) {
            if (!common.json) std::cerr << table << ": " << rows << " rows" << std::endl;
        }));
    value::Builder out;
    out.begin_object().key("tables").integer(static_cast<std::int64_t>(done.tables));
    out.key("rows").integer(static_cast<std::int64_t>(done.rows));
    out.key("moved_before").integer(static_cast<std::int64_t>(done.kept));
    out.key("next").text(
        "set store in gateway.yaml to type postgres; keep the old file, and start no gateway on it any more");
    out.end();
    return out.take();
}

}  // namespace

void add_store_commands(CLI::App& app, Common& common) {
    auto to = std::make_shared<std::string>();  // the callbacks hold it
    auto* group = app.add_subcommand("store", "where state is kept");
    group->require_subcommand(1);
    auto* command = group->add_subcommand("migrate",
                                          "move the SQLite store into an empty PostgreSQL database; no gateway may "
                                          "run; a move that was cut off goes on");
    command->add_option("--to", *to, "a dsn without a password, or ${env:NAME}")->required();
    command->callback([&common, to] {
        common.run = [&common, to] {
            auto done = migrate(common, *to);
            if (!done) return report(common, done.error());
            print(common, done->root());
            return 0;
        };
    });
}

}  // namespace tributary::app
