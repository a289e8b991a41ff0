#include "gateway/flow/backup_keeper.hpp"

#include <algorithm>

#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/due_time.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {

// The wall clock may be set while we sleep, so a long wait looks at it now and then.
constexpr Milliseconds kLook = 30s;
constexpr Milliseconds kAfterFailure = 10min;

Result<void> audited(World& world, std::string entry) {
    return write_entry(world.store, entry);
}

std::string joined(const std::vector<std::string>& failures) {
    std::string out;
    for (const auto& one : failures) out += (out.empty() ? "" : "; ") + one;
    return out;
}

}  // namespace

Result<BackupDone> BackupKeeper::back_up(bool keys_only) {
    const std::lock_guard lock(mutex_);
    backup::remove_drafts(places_.folder);
    auto done = run_backup(world_.store, ledger_, world_.ring, world_.clock, world_.random, places_, keys_only);
    failed_ = !done;
    if (!done) {
        world_.log.error("backup failed", done.error());
        // What cannot be told either was told by the log.
        std::ignore = audited(world_, audit_entry(world_.clock, "system", places_.gateway, "backup.failed",
                                                  {{"fault", std::string(name_of(done.error().fault))}}));
        return done;
    }
    if (auto retired = retire(); !retired) world_.log.error("old backups not removed", retired.error());
    return done;
}

// Older keys go before older data: they are what opens erased persons.
Result<void> BackupKeeper::retire() {
    TRY(const auto files, backup::list_files(places_.folder));
    auto old = backup::overdue(files, world_.clock.now(), rules_.keep, rules_.keep_keys);
    std::ranges::reverse(old);
    for (const auto& file : old) {
        CHECK_OK(audited(world_, audit_entry(world_.clock, "system", places_.gateway, "backup.destroy",
                                             {{"id", file.manifest.id.text()},
                                              {"holds", std::string(name_of(file.manifest.kind))}})));
        CHECK_OK(backup::destroy_file(file.path));
    }
    return {};
}

Result<DrillOutcome> BackupKeeper::drill() {
    const std::lock_guard lock(mutex_);
    TRY(auto outcome,
        run_drill(places_, world_.ring, audit_key_, world_.model, world_.clock, world_.random, world_.log));
    const auto entry = audit_entry(world_.clock, "system", places_.gateway, "backup.drill",
                                   {{"backup", outcome.backup.text()},
                                    {"passed", outcome.passed() ? "yes" : "no"},
                                    {"rows", std::to_string(outcome.rows)},
                                    {"rpo_ms", std::to_string(outcome.rpo.count())},
                                    {"rto_ms", std::to_string(outcome.rto.count())}});
    CHECK_OK(audited(world_, entry));
    CHECK_OK(keep_drill(places_.folder, outcome));
    if (!outcome.passed())
        world_.log.error("restore drill failed",
                         {{"backup", outcome.backup.text()}, {"failures", joined(outcome.failures)}});
    return outcome;
}

BackupState BackupKeeper::state() {
    BackupState state;
    const auto files = backup::list_files(places_.folder);
    state.failed = failed_ || !files;
    for (const auto& file : files.value_or(std::vector<backup::File>())) {
        ++state.files;
        state.bytes += file.bytes;
        if (file.manifest.kind == backup::Kind::data) state.newest = file.manifest.created;
    }
    if (const auto drill = read_last_drill(places_.folder)) {
        state.drilled = drill->at;
        state.drill_failed = !drill->passed();
        state.rpo = drill->rpo;
        state.rto = drill->rto;
    }
    return state;
}

run::Task<> BackupKeeper::run(std::stop_token stop) {
    std::optional<run::DueTime> backups, drills;
    if (rules_.backups) backups.emplace(*rules_.backups);
    if (rules_.drills) drills.emplace(*rules_.drills);
    const auto began = world_.clock.now();
    const auto due = [&](std::optional<run::DueTime>& time, std::optional<Timestamp> last) {
        const auto now = world_.clock.now();
        return time && time->next(last.value_or(began), now) <= now;
    };
    while (!stop.stop_requested()) {
        auto wait = kLook;
        const auto state = co_await run::on(world_.pool, [&] { return this->state(); });
        if (due(backups, state.newest)) {
            const auto done = co_await run::on(world_.pool, [&] { return back_up(false); });
            if (!done) wait = kAfterFailure;
        } else if (due(drills, state.drilled) && state.newest) {
            const auto done = co_await run::on(world_.pool, [&] { return drill(); });
            if (!done) world_.log.error("restore drill failed", done.error());
            if (!done) wait = kAfterFailure;
        }
        if (!co_await world_.timers.sleep_for(wait, stop)) co_return;
    }
}

}  // namespace tributary::flow
