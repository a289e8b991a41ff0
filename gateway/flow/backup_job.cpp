#include "gateway/flow/backup_job.hpp"

#include "gateway/audit/tree.hpp"
#include "gateway/backup/rows.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/store/sqlite/sqlite_snapshot.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kEntries = 2000;

struct TrailState {
    std::uint64_t size = 0;
    std::string root, checkpoint;
};

Result<TrailState> trail_state(store::ReadSession& session) {
    audit::Tree tree;
    TrailState state;
    TRY(const auto newest, session.audit().last_checkpoint());
    if (newest) {
        state.checkpoint = newest->note;
        TRY(tree, audit::Tree::of(newest->size, newest->parts));
    }
    for (;;) {
        TRY(const auto entries, session.audit().read(static_cast<std::int64_t>(tree.size()), kEntries));
        if (entries.empty()) break;
        for (const auto& entry : entries) tree.append(entry.leaf);
    }
    state.size = tree.size();
    state.root = tree.root().text();
    return state;
}

Result<backup::Draft> write_archive(store::Snapshot& snapshot, backup::Manifest& manifest, const TrailState& trail,
                                    const vault::KeyRing& ring, const Clock& clock, crypto::Random& random,
                                    const std::filesystem::path& folder) {
    TRY(auto draft, backup::Draft::begin(folder, backup::file_name(manifest)));
    backup::ArchiveWriter writer(manifest, ring, random, [&](std::string_view bytes) { return draft.write(bytes); });
    CHECK_OK(writer.begin());
    TRY(const auto tables, snapshot.tables());
    for (const auto& table : tables) {
        if ((table.name == "subject_key") != (manifest.kind == backup::Kind::keys)) continue;
        std::uint64_t rows = 0;
        std::string bytes;
        CHECK_OK(writer.begin_part(table.name));
        backup::write_columns(table.columns, bytes);
        CHECK_OK(writer.add(bytes));
        CHECK_OK(snapshot.rows(table, [&](const store::Cells& cells) -> Result<void> {
            bytes.clear();
            backup::write_row(cells, bytes);
            ++rows;
            return writer.add(bytes);
        }));
        CHECK_OK(writer.end_part(rows));
    }
    TRY(manifest, writer.finish(clock.now(), trail.size, trail.root, trail.checkpoint));
    CHECK_OK(draft.sync());
    return draft;
}

}  // namespace

Result<BackupDone> run_backup(store::Store& store, LedgerKeeper& ledger, const vault::KeyRing& ring, const Clock& clock,
                              crypto::Random& random, const BackupPlaces& places, bool keys_only) {
    const auto began = clock.steady();
    // What is withdrawn in the snapshot is in the ledger by then.
    CHECK_OK(ledger.keep());
    backup::Manifest common;
    common.id = crypto::make_uid(clock, random);
    common.gateway = places.gateway;
    common.program = places.program;
    common.created = clock.now();
    TRY(const auto snapshot, store::open_snapshot(places.database));
    common.schema = snapshot->schema_version();
    TRY(const auto position, snapshot->session().ledger_position().get(ledger.name()));
    common.ledger_lines = position.lines;
    common.ledger_mac = position.mac;
    TRY(const auto trail, trail_state(snapshot->session()));

    std::vector<std::pair<backup::Draft, backup::Manifest>> drafts;
    for (const auto kind : {backup::Kind::keys, backup::Kind::data}) {
        if (keys_only && kind == backup::Kind::data) continue;
        auto manifest = common;
        manifest.kind = kind;
        TRY(auto draft, write_archive(*snapshot, manifest, trail, ring, clock, random, places.folder));
        drafts.emplace_back(std::move(draft), std::move(manifest));
    }
    std::uint64_t rows = 0;
    for (const auto& [draft, manifest] : drafts) rows += manifest.rows();
    const auto entry = audit_entry(clock, "system", places.gateway, "backup.run",
                                   {{"id", common.id.text()},
                                    {"rows", std::to_string(rows)},
                                    {"holds", keys_only ? "keys" : "data and keys"},
                                    {"audit_size", std::to_string(trail.size)},
                                    {"audit_root", to_hex(trail.root)}});
    CHECK_OK(write_entry(store, entry));
    BackupDone done;
    for (auto& [draft, manifest] : drafts) {
        TRY(auto path, draft.name_it());
        const auto bytes = std::filesystem::file_size(path);
        done.files.push_back({std::move(path), bytes, std::move(manifest)});
    }
    done.took = std::chrono::duration_cast<Milliseconds>(clock.steady() - began);
    return done;
}

}  // namespace tributary::flow
