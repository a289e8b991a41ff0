#include "gateway/flow/restore_drill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "gateway/audit/trail.hpp"
#include "gateway/flow/audit_keeper.hpp"
#include "gateway/flow/payload.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kSamples = 100, kPage = 1000;
constexpr std::string_view kDrillFile = "last-drill.json";

// A folder that is gone afterwards, whatever happens; remove_drafts() removes it after a crash.
struct Scratch {
    std::filesystem::path path;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

class Trial {
  public:
    Trial(store::Store& store, DrillOutcome& outcome) : store_(store), outcome_(outcome) {}

    void check(std::string_view what, const Result<void>& result) {
        if (!result) outcome_.failures.push_back(std::string(what) + ": " + result.error().text());
    }

    // The chain, its checkpoints, and the root that the backup wrote down.
    Result<void> audit_trail(const backup::Manifest& manifest, const audit::NoteKey& key) {
        std::string notes;
        CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto all, session.audit().checkpoints(0, 100'000));
            for (const auto& one : all) notes += one.note;
            return {};
        }));
        auto opened = audit::open_notes(notes, key);
        if (opened.forged > 0) return fail(Fault::refused, "a checkpoint is not signed by this gateway");
        audit::TrailCheck trail(std::move(opened.checkpoints));
        audit::Tree tree;
        std::string root = tree.root().text();
        CHECK_OK(each_entry(store_, 0, [&](const audit::Entry& entry) {
            tree.append(entry.leaf);
            if (tree.size() == manifest.audit_size) root = tree.root().text();
            return trail.add(entry);
        }));
        const auto found = trail.finish();
        outcome_.audit_entries = found.entries;
        if (!found.reason.empty()) return fail(Fault::refused, found.reason);
        if (root != manifest.audit_root)
            return fail(Fault::refused, "the trail has another root than the manifest says");
        return {};
    }

    // Records of each entity, and those sealed among them open with the keys of the backup.
    Result<void> samples(const vault::KeyRing& ring, crypto::Random& random, const record::Model& model) {
        vault::SubjectKeys keys(ring, random);
        store::StoredKeys stored(store_);
        for (const auto& entity : model.entities()) {
            std::vector<store::RecordRow> records;
            CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
                TRY(records, session.records().list(entity.name, 0, kSamples));
                return {};
            }));
            for (const auto& record : records) {
                if (record.sealed.empty() || outcome_.opened >= kSamples) continue;
                auto opened = keys.open(record.header.subject, record_place(record.header.uid), record.sealed, stored);
                if (!opened) return pass(std::move(opened), "record " + record.header.uid.text());
                ++outcome_.opened;
            }
        }
        return {};
    }

    // No act waits twice for one destination, and each lane holds what it says.
    Result<void> lanes() {
        for (std::int64_t after = 0;;) {
            std::vector<store::LaneRow> some;
            CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
                TRY(some, session.outbox().lanes({}, after, kPage));
                for (const auto& lane : some) CHECK_OK(lane_is_sound(session, lane));
                return {};
            }));
            if (some.empty()) return {};
            after = some.back().lane;
        }
    }

  private:
    static Result<void> lane_is_sound(store::ReadSession& session, const store::LaneRow& lane) {
        std::set<store::Digest> seen;
        std::uint64_t items = 0;
        for (std::int64_t after = -1;;) {
            TRY(const auto some, session.outbox().items(lane.lane, after, kPage));
            if (some.empty()) break;
            for (const auto& item : some)
                if (!seen.insert(item.op_key).second)
                    return fail(Fault::internal, fmt::format("an act waits twice in lane {}", lane.lane));
            items += some.size();
            after = some.back().seq;
        }
        if (items != lane.depth)
            return fail(Fault::internal,
                        fmt::format("lane {} says {} items and holds {}", lane.lane, lane.depth, items));
        return {};
    }

    store::Store& store_;
    DrillOutcome& outcome_;
};

}  // namespace

Result<Chosen> newest_files(const std::filesystem::path& folder, const std::filesystem::path& data) {
    TRY(const auto files, backup::list_files(folder));
    Chosen chosen{data, {}};
    for (const auto& file : files) {
        if (file.manifest.kind == backup::Kind::keys) chosen.keys = file.path;
        if (file.manifest.kind == backup::Kind::data && data.empty()) chosen.data = file.path;
    }
    if (chosen.data.empty() || chosen.keys.empty())
        return fail(Fault::not_found, "there is no backup of data and of keys here: run `tributary backup run`",
                    folder.string());
    return chosen;
}

Result<DrillOutcome> run_drill(const BackupPlaces& places, const vault::KeyRing& ring, const audit::NoteKey& audit_key,
                               const record::Model& model, const Clock& clock, crypto::Random& random, Log& log) {
    TRY(const auto chosen, newest_files(places.folder));
    const auto began = clock.steady();
    DrillOutcome outcome;
    outcome.at = clock.now();
    const Scratch scratch{places.folder / "drill.draft"};
    std::error_code ignored;
    std::filesystem::remove_all(scratch.path, ignored);
    const auto database = scratch.path / "tributary.db", ledger_copy = scratch.path / "ledger";
    auto tried = [&]() -> Result<void> {
        TRY(const auto data, verify_archive(chosen.data, ring));
        outcome.backup = data.id;
        outcome.rpo = outcome.at - data.created;
        TRY(const auto ledger, read_ledger(places.ledger, ring));
        if (!ledger.has(data.ledger_lines, data.ledger_mac))
            return fail(Fault::refused, "the ledger does not hold what it held when the backup was made");
        TRY(const auto rebuilt, rebuild_from(chosen.data, chosen.keys, database, ledger, ring));
        outcome.rows = rebuilt.rows;
        if (rebuilt.rows + rebuilt.left_out != rebuilt.data.rows() + rebuilt.keys.rows())
            outcome.failures.push_back("rows: another number came back than the manifests say");
        if (std::filesystem::exists(places.ledger)) std::filesystem::copy_file(places.ledger, ledger_copy, ignored);
        store::SqliteOptions options;
        options.path = database;
        TRY(const auto store, store::open_sqlite(std::move(options), clock, log));
        LedgerKeeper keeper(*store, ring, clock, log, ledger_copy);
        if (auto replayed = keeper.open(); !replayed) return pass(std::move(replayed), "ledger");
        Trial trial(*store, outcome);
        trial.check("audit trail", trial.audit_trail(rebuilt.data, audit_key));
        trial.check("samples", trial.samples(ring, random, model));
        trial.check("lanes", trial.lanes());
        store->stop();
        return {};
    }();
    if (!tried) outcome.failures.push_back(tried.error().text());
    outcome.rto = std::chrono::duration_cast<Milliseconds>(clock.steady() - began);
    return outcome;
}

std::string DrillOutcome::json() const {
    value::Builder out;
    const auto count = [&](std::string_view name, std::int64_t number) { out.key(name).integer(number); };
    out.begin_object().key("backup").text(backup.text()).key("passed").boolean(passed());
    count("at", at.time_since_epoch().count());
    count("rows", static_cast<std::int64_t>(rows));
    count("audit_entries", static_cast<std::int64_t>(audit_entries));
    count("opened", static_cast<std::int64_t>(opened));
    count("rpo_ms", rpo.count());
    count("rto_ms", rto.count());
    out.key("failures").begin_array();
    for (const auto& failure : failures) out.text(failure);
    out.end().end();
    return value::to_json(out.take().root());
}

std::optional<DrillOutcome> read_last_drill(const std::filesystem::path& folder) {
    std::ifstream in(folder / kDrillFile, std::ios::binary);
    if (!in) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto outcome = DrillOutcome::parse(text);
    return outcome ? std::optional(*std::move(outcome)) : std::nullopt;
}

Result<void> keep_drill(const std::filesystem::path& folder, const DrillOutcome& outcome) {
    const auto path = folder / kDrillFile;
    std::ofstream(path.string() + ".new", std::ios::binary) << outcome.json();
    std::error_code failed;
    std::filesystem::rename(path.string() + ".new", path, failed);
    if (failed) return fail(Fault::transient, "the outcome cannot be kept: " + failed.message(), path.string());
    return {};
}

Result<DrillOutcome> DrillOutcome::parse(std::string_view json) {
    TRY(const auto document, value::parse_json(json));
    const auto root = document.root();
    const auto id = Uid::parse(root.find("backup").text());
    if (!id || !root.find("at").is(value::Kind::integer)) return fail(Fault::bad_input, "not the outcome of a drill");
    DrillOutcome out;
    out.backup = *id;
    out.at = Timestamp{Milliseconds{root.find("at").integer()}};
    out.rows = static_cast<std::uint64_t>(root.find("rows").integer());
    out.audit_entries = static_cast<std::uint64_t>(root.find("audit_entries").integer());
    out.opened = static_cast<std::uint64_t>(root.find("opened").integer());
    out.rpo = Milliseconds{root.find("rpo_ms").integer()};
    out.rto = Milliseconds{root.find("rto_ms").integer()};
    for (const auto failure : root.find("failures")) out.failures.emplace_back(failure.text());
    return out;
}

}  // namespace tributary::flow
