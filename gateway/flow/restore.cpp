#include "gateway/flow/restore.hpp"

#include <fstream>

#include "gateway/backup/archive.hpp"
#include "gateway/backup/rows.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/store/sqlite/sqlite_snapshot.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kAttempts = 1000;
constexpr Milliseconds kSlack = std::chrono::minutes(5);  // clocks are set now and then

using Piece = backup::ArchiveReader::Piece;

// Calls begin(name), bytes and end for each part; what it gave is to be trusted once it returns without an error.
template <class Begin, class Bytes, class End>
Result<backup::Manifest> read_archive(const std::filesystem::path& file, const vault::KeyRing& ring, Begin begin,
                                      Bytes bytes, End end) {
    const auto read = [&]() -> Result<backup::Manifest> {
        std::ifstream in(file, std::ios::binary);
        if (!in) return fail(Fault::bad_input, "this file cannot be read");
        TRY(auto reader, backup::ArchiveReader::open(in, ring));
        for (;;) {
            TRY(auto piece, reader.next());
            if (piece.kind == Piece::Kind::whole) return reader.manifest();
            if (piece.kind == Piece::Kind::begin) {
                CHECK_OK(begin(reader.manifest(), piece.bytes));
                continue;
            }
            CHECK_OK(bytes(piece.bytes));
            if (piece.kind == Piece::Kind::end) CHECK_OK(end());
        }
    };
    auto manifest = read();
    if (!manifest) return pass(std::move(manifest), file.string());
    return manifest;
}

// Rows of an archive into a rebuild, those that may come back.
class Laying {
  public:
    Laying(store::Rebuild& rebuild, RestoredRows& judge) : rebuild_(rebuild), judge_(judge) {}

    Result<void> begin(std::string name) {
        rows_.emplace(backup::RowReader::Uses{
            [this, name = std::move(name)](const std::vector<std::string>& columns) -> Result<void> {
                const store::TableShape shape{name, columns};
                judge_.table(shape);
                return rebuild_.table(shape);
            },
            [this](const store::Cells& cells) -> Result<void> {
                if (!judge_.keeps(cells)) return {};
                ++laid_;
                return rebuild_.row(cells);
            }});
        return {};
    }
    Result<void> bytes(std::string_view bytes) { return rows_->add(bytes); }
    Result<void> end() {
        counts_.push_back(rows_->rows());
        return rows_->finish();
    }
    // Whether as many came as the manifest says.
    Result<void> agrees(const backup::Manifest& manifest) {
        for (std::size_t i = 0; i < manifest.parts.size(); ++i)
            if (counts_[i] != manifest.parts[i].rows)
                return fail(Fault::refused, "a part holds another number of rows than its manifest says",
                            manifest.parts[i].name);
        counts_.clear();
        return {};
    }
    std::uint64_t laid() const { return laid_; }

  private:
    store::Rebuild& rebuild_;
    RestoredRows& judge_;
    std::optional<backup::RowReader> rows_;
    std::vector<std::uint64_t> counts_;
    std::uint64_t laid_ = 0;
};

// What the store that is about to be lost still tells; nothing when it cannot be read.
struct LastWords {
    std::uint64_t trail = 0;          // the newest entry
    std::set<std::string> delivered;  // idempotency keys, since the backup
};

LastWords last_words(const std::filesystem::path& database, Timestamp since) {
    LastWords out;
    if (!std::filesystem::exists(database)) return out;
    const auto snapshot = store::open_snapshot(database);
    if (!snapshot) return out;
    auto& session = (*snapshot)->session();
    if (const auto last = session.audit().last(); last && *last) out.trail = static_cast<std::uint64_t>((*last)->seq);
    for (std::int64_t before = 0;;) {
        const auto attempts = session.attempts().list({}, before, kAttempts);
        if (!attempts || attempts->empty()) return out;
        for (const auto& one : *attempts)
            if (one.outcome == "delivered") out.delivered.insert(one.op_key.text());
        before = attempts->back().id;
        if (attempts->back().at < since - kSlack) return out;
    }
}

Result<void> belong_together(const RestorePlan& plan, const backup::Manifest& data, const backup::Manifest& keys,
                             const LedgerContent& ledger) {
    if (data.kind != backup::Kind::data)
        return fail(Fault::bad_input, "this is a backup of keys: give the one of data", plan.data.string());
    if (keys.kind != backup::Kind::keys)
        return fail(Fault::bad_input, "this is a backup of data: give one of keys", plan.keys.string());
    if (data.gateway != keys.gateway || data.gateway != plan.gateway)
        return fail(Fault::bad_config, "the backup is of gateway " + data.gateway + ", the keys of " + keys.gateway +
                                           ", the configuration of " + plan.gateway);
    if (!plan.accept_ledger && !ledger.has(data.ledger_lines, data.ledger_mac))
        return fail(Fault::refused,
                    "the ledger does not hold what it held when the backup was made, so withdrawals and erasures may "
                    "be missing: bring back the ledger, or restore without them by --accept-ledger",
                    plan.ledger.string());
    return {};
}

// Replays, tells the trail, and closes: the draft is a store like any other then.
Result<LedgerKeeper::Replayed> settle(const std::filesystem::path& draft, const RestorePlan& plan,
                                      const Restored& so_far, const vault::KeyRing& ring, const Clock& clock,
                                      Log& log) {
    store::SqliteOptions options;
    options.path = draft;
    TRY(const auto store, store::open_sqlite(std::move(options), clock, log));
    LedgerKeeper keeper(*store, ring, clock, log, plan.ledger);
    TRY(const auto replayed, keeper.open());
    const auto& data = so_far.rebuilt.data;
    const auto entry = audit_entry(clock, "user", "operator", "backup.restore",
                                   {{"id", data.id.text()},
                                    {"keys", so_far.rebuilt.keys.id.text()},
                                    {"audit_size", std::to_string(data.audit_size)},
                                    {"audit_root", to_hex(data.audit_root)},
                                    {"abandoned_entries", std::to_string(so_far.abandoned_entries)},
                                    {"withdrawals", std::to_string(replayed.withdrawals)},
                                    {"erasures", std::to_string(replayed.erasures)},
                                    {"rows_left_out", std::to_string(so_far.rebuilt.left_out)}});
    CHECK_OK(write_entry(*store, entry));
    store->stop();
    return replayed;
}

}  // namespace

Result<backup::Manifest> verify_archive(const std::filesystem::path& file, const vault::KeyRing& ring) {
    const auto fine = [](const auto&...) -> Result<void> { return {}; };
    return read_archive(file, ring, fine, fine, fine);
}

Result<Rebuilt> rebuild_from(const std::filesystem::path& data, const std::filesystem::path& keys,
                             const std::filesystem::path& database, const LedgerContent& ledger,
                             const vault::KeyRing& ring, std::set<std::string> delivered) {
    Rebuilt out;
    RestoredRows judge(ledger.lines, std::move(delivered));
    std::unique_ptr<store::Rebuild> rebuild;
    std::optional<Laying> laying;
    const auto begin = [&](const backup::Manifest& manifest, std::string name) -> Result<void> {
        if (!rebuild) {
            TRY(rebuild, store::rebuild_sqlite(database, manifest.schema));
            laying.emplace(*rebuild, judge);
        }
        return laying->begin(std::move(name));
    };
    const auto bytes = [&](std::string_view some) { return laying->bytes(some); };
    const auto end = [&] { return laying->end(); };
    for (const auto& [file, manifest] : {std::pair{&data, &out.data}, std::pair{&keys, &out.keys}}) {
        TRY(*manifest, read_archive(*file, ring, begin, bytes, end));
        CHECK_OK(laying->agrees(*manifest));
    }
    CHECK_OK(rebuild->finish());
    out.rows = laying->laid();
    out.left_out = judge.left_out();
    out.delivered = judge.delivered();
    out.subjects = judge.subjects();
    return out;
}

Result<Restored> restore(const RestorePlan& plan, const vault::KeyRing& ring, const Clock& clock, Log& log) {
    const auto began = clock.steady();
    Restored out;
    TRY(auto replacement, store::Replacement::begin(plan.database));
    if (!plan.force) {
        TRY(const auto holds, replacement.holds_data());
        if (holds)
            return fail(Fault::conflict,
                        "there is a store that holds data: give --force to put the backup in its place",
                        plan.database.string());
    }
    TRY(const auto data, verify_archive(plan.data, ring));
    TRY(const auto keys, verify_archive(plan.keys, ring));
    TRY(const auto ledger, read_ledger(plan.ledger, ring));
    CHECK_OK(belong_together(plan, data, keys, ledger));
    auto lost = last_words(plan.database, data.created);
    out.abandoned_entries = lost.trail > data.audit_size ? lost.trail - data.audit_size : 0;
    const auto draft = replacement.draft();
    auto done = [&]() -> Result<void> {
        TRY(out.rebuilt, rebuild_from(plan.data, plan.keys, draft, ledger, ring, std::move(lost.delivered)));
        TRY(out.replayed, settle(draft, plan, out, ring, clock, log));
        return replacement.commit();
    }();
    if (!done) store::remove_database(draft);
    CHECK_OK(done);
    out.took = std::chrono::duration_cast<Milliseconds>(clock.steady() - began);
    return out;
}

}  // namespace tributary::flow
