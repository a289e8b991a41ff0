// backup run|list|verify|drill and restore. What may be needed when the store is lost, list, verify and restore, opens
// none.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>

#include "gateway/app/backup_answers.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/input.hpp"
#include "gateway/audit/checkpoint.hpp"
#include "gateway/flow/backup_keeper.hpp"
#include "gateway/flow/restore.hpp"

namespace tributary::app {
namespace {

struct BackupOptions {
    std::string file, keys;
    bool keys_only = false, force = false, accept_ledger = false;
};

struct Ground {
    Config config;
    const BackupConfig& backup() const { return *config.backup; }
};

Result<Ground> ground(const Common& common) {
    TRY(auto config, read_config(common));
    if (!std::holds_alternative<SqliteConfig>(config.store)) return no_file_backups();
    if (!config.backup)
        return fail(Fault::bad_config, "there is no place for backups: give `backup: { folder: ... }`",
                    common.config.string());
    return Ground{std::move(config)};
}

int told(const Common& common, const Result<value::Document>& answer) {
    if (!answer) return report(common, answer.error());
    print(common, answer->root());
    const auto passed = answer->root().find("passed");
    return passed && !passed.boolean() ? 1 : 0;
}

Result<value::Document> list(const Common& common) {
    TRY(const auto at, ground(common));
    TRY(const auto files, backup::list_files(at.backup().folder));
    value::Builder out;
    out.begin_object().key("files").begin_array();
    for (const auto& file : files) write_file(out, file);
    out.end();
    if (const auto drill = flow::read_last_drill(at.backup().folder)) {
        out.key("drill");
        write_drill(out, *drill);
    }
    out.end();
    return out.take();
}

Result<value::Document> verify(const Common& common, const BackupOptions& options) {
    TRY(const auto at, ground(common));
    TRY(const auto ring, open_ring(at.config));
    TRY(const auto manifest, flow::verify_archive(options.file, ring));
    std::error_code ignored;
    value::Builder out;
    write_file(out, {options.file, std::filesystem::file_size(options.file, ignored), manifest});
    return out.take();
}

// Checkpoints that were kept elsewhere say what the trail was that is lost now.
bool forks(const std::filesystem::path& checkpoints, std::uint64_t size, std::uint64_t abandoned) {
    if (abandoned > 0) return true;
    std::ifstream in(checkpoints, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (const auto note : audit::split_notes(text))
        if (const auto one = audit::Checkpoint::parse(note.substr(0, note.find("\n\n") + 1)); one && one->size > size)
            return true;
    return false;
}

Result<value::Document> restore(const Common& common, const BackupOptions& options) {
    TRY(const auto at, ground(common));
    const auto* sqlite = std::get_if<SqliteConfig>(&at.config.store);
    if (!sqlite) return no_file_backups();
    TRY(const auto ring, open_ring(at.config));
    flow::RestorePlan plan;
    plan.data = options.file;
    plan.keys = options.keys;
    if (options.file.empty() || options.keys.empty()) {
        TRY(const auto chosen, flow::newest_files(at.backup().folder, options.file));
        plan.data = chosen.data;
        if (options.keys.empty()) plan.keys = chosen.keys;
    }
    plan.database = sqlite->path;
    plan.ledger = at.backup().ledger;
    plan.gateway = at.config.gateway.name;
    plan.force = options.force;
    plan.accept_ledger = options.accept_ledger;
    Log log(common.log_level);
    const SystemClock clock;
    TRY(const auto done, flow::restore(plan, ring, clock, log));
    const auto& data = done.rebuilt.data;
    value::Builder out;
    const auto count = [&](std::string_view name, std::uint64_t number) {
        out.key(name).integer(static_cast<std::int64_t>(number));
    };
    out.begin_object().key("restored").text(data.id.text()).key("keys").text(done.rebuilt.keys.id.text());
    count("rows", done.rebuilt.rows);
    count("rows_left_out", done.rebuilt.left_out);
    count("items_delivered_since", done.rebuilt.delivered);
    count("withdrawals_replayed", done.replayed.withdrawals);
    count("suppressions_replayed", done.replayed.suppressions);
    count("erasures_replayed", done.replayed.erasures);
    count("took_ms", static_cast<std::uint64_t>(done.took.count()));
    if (forks(at.config.audit.checkpoints, data.audit_size, done.abandoned_entries)) {
        count("audit_fork_at", data.audit_size);
        count("audit_entries_lost", done.abandoned_entries);
        out.key("note").text(
            "the audit trail forks here: keep the checkpoints of the lost trail and name a new file for "
            "audit.checkpoints");
    }
    out.end();
    return out.take();
}

}  // namespace

void add_backup_commands(CLI::App& app, Common& common) {
    auto options = std::make_shared<BackupOptions>();  // the callbacks hold it
    auto* group = app.add_subcommand("backup", "encrypted backups of the store");
    group->require_subcommand(1);
    auto* run_command = group->add_subcommand("run", "make one now, while the gateway runs or not");
    run_command->add_flag("--keys", options->keys_only,
                          "subject keys alone: after keys were destroyed or wrapped anew");
    run_command->callback([&common, options] {
        common.run = [&common, options] {
            value::Builder arguments;
            arguments.begin_object().key("keys_only").boolean(options->keys_only);
            return told(common, ask_desk(common, "backup.run", std::move(arguments)));
        };
    });
    group->add_subcommand("list", "what is in the folder, and how the newest drill went")->callback([&common] {
        common.run = [&common] { return told(common, list(common)); };
    });
    auto* verify_command = group->add_subcommand("verify", "check every byte of one file");
    verify_command->add_option("file", options->file, "of the folder of backups")->required();
    verify_command->callback(
        [&common, options] { common.run = [&common, options] { return told(common, verify(common, *options)); }; });
    group->add_subcommand("drill", "restore the newest one into a scratch folder and try it")->callback([&common] {
        common.run = [&common] {
            value::Builder none;
            none.begin_object();
            return told(common, ask_desk(common, "backup.drill", std::move(none)));
        };
    });
    auto* restore_command = app.add_subcommand("restore", "put a backup in the store's place; no gateway may run");
    restore_command->add_option("file", options->file, "a backup of data; default: the newest");
    restore_command->add_option("--keys", options->keys, "a backup of keys; default: the newest");
    restore_command->add_flag("--force", options->force, "what the store holds now is lost");
    restore_command->add_flag("--accept-ledger", options->accept_ledger,
                              "although the ledger of withdrawals and erasures is not the one of the backup");
    restore_command->callback(
        [&common, options] { common.run = [&common, options] { return told(common, restore(common, *options)); }; });
}

}  // namespace tributary::app
