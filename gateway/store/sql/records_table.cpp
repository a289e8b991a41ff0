#include "gateway/store/sql/records_table.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_RECORD_COLUMNS                                                                                 \
    "id, uid, hash, source, version, deleted, subject, connection, stream, external_id, entity, clear, sealed, " \
    "observed_at, "                                                                                              \
    "mapping_version"

constexpr const char* kFindRecord =
    "SELECT id, uid, hash, source, version, deleted, subject FROM source_record "
    "WHERE connection = ?1 AND stream = ?2 AND external_id = ?3";
constexpr const char* kLoadUid = "SELECT " TRIBUTARY_RECORD_COLUMNS " FROM source_record WHERE uid = ?1";
constexpr const char* kLoadKey =
    "SELECT " TRIBUTARY_RECORD_COLUMNS " FROM source_record WHERE connection = ?1 AND stream = ?2 AND external_id = ?3";
constexpr const char* kByCustomer =
    "SELECT " TRIBUTARY_RECORD_COLUMNS
    " FROM source_record WHERE uid IN (SELECT record FROM identity_link WHERE customer = ?1) ORDER BY uid";
constexpr const char* kListRecords =
    "SELECT " TRIBUTARY_RECORD_COLUMNS " FROM source_record WHERE id > ?2 AND entity = ?1 ORDER BY id LIMIT ?3";
constexpr const char* kRecordCounts =
    "SELECT connection, stream, count(*), sum(deleted) FROM source_record GROUP BY connection, stream";
constexpr const char* kInsertRecord =
    "INSERT INTO source_record (uid, connection, stream, external_id, entity, hash, version, deleted, subject, "
    "observed_at, "
    "mapping_version, clear, sealed, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
    "RETURNING id";
constexpr const char* kUpdateRecord =
    "UPDATE source_record SET hash = ?3, version = version + 1, deleted = ?4, subject = ?5, observed_at = ?6, "
    "mapping_version = ?7, clear = ?8, sealed = ?9, entity = ?10, source = ?11 WHERE id = ?1 AND version = ?2";
constexpr const char* kRemember = "UPDATE source_record SET source = ?3 WHERE id = ?1 AND version = ?2";
constexpr const char* kErase = "DELETE FROM source_record WHERE uid = ?1";
constexpr const char* kEraseLink = "DELETE FROM identity_link WHERE record = ?1";
constexpr const char* kEraseKeys = "DELETE FROM identity_key WHERE record = ?1";
constexpr const char* kErasePairs = "DELETE FROM manual_pair WHERE a = ?1 OR b = ?1";

void read_header(const Row& row, RecordHeader& into) {
    row.read(into.id, into.uid, into.hash, into.source, into.version, into.deleted, into.subject);
}

RecordRow read_record(const Row& row) {
    RecordRow into;
    auto& header = into.header;
    auto& key = into.key;
    row.read(header.id, header.uid, header.hash, header.source, header.version, header.deleted, header.subject,
             Named{key.connection}, Named{key.stream}, key.external_id, Named{into.entity}, into.clear, into.sealed,
             into.observed_at, Named{into.mapping_version});
    return into;
}

std::string place_of(const RecordRow& row) {
    return "record " + row.key.connection + "/" + row.key.stream;
}

}  // namespace

RecordsReads::RecordsReads(Connection& connection)
    : connection_(connection),
      find_(connection, kFindRecord),
      load_uid_(connection, kLoadUid),
      load_key_(connection, kLoadKey),
      by_customer_(connection, kByCustomer),
      list_(connection, kListRecords),
      counts_(connection, kRecordCounts) {}

// A name that is not there stands for NULL, which equals nothing.
template <class With>
Result<void> RecordsReads::give_key(const RecordKey& key, With& with) {
    TRY(const auto connection, connection_.names().find(key.connection));
    TRY(const auto stream, connection_.names().find(key.stream));
    return with(connection, stream, key.external_id);
}

Result<std::vector<std::optional<RecordHeader>>> RecordsReads::find(std::span<const RecordKey> keys) {
    std::vector<std::optional<RecordHeader>> found(keys.size());
    CHECK_OK(find_.each_of_all(
        keys.size(), [&](std::size_t i, auto&& with) { return give_key(keys[i], with); },
        [&](std::size_t i, const Row& row) { read_header(row, found[i].emplace()); }));
    return found;
}

Result<std::vector<std::optional<RecordRow>>> RecordsReads::load(std::span<const Uid> uids) {
    std::vector<std::optional<RecordRow>> found(uids.size());
    CHECK_OK(load_uid_.each_for(uids, [&](std::size_t i, const Row& row) { found[i] = read_record(row); }));
    return found;
}

Result<std::vector<std::optional<RecordRow>>> RecordsReads::load(std::span<const RecordKey> keys) {
    std::vector<std::optional<RecordRow>> found(keys.size());
    CHECK_OK(load_key_.each_of_all(
        keys.size(), [&](std::size_t i, auto&& with) { return give_key(keys[i], with); },
        [&](std::size_t i, const Row& row) { found[i] = read_record(row); }));
    return found;
}

Result<std::vector<RecordRow>> RecordsReads::by_customer(Uid customer) {
    std::vector<RecordRow> found;
    CHECK_OK(by_customer_.each([&](const Row& row) { found.push_back(read_record(row)); }, customer));
    return found;
}

Result<std::vector<RecordRow>> RecordsReads::list(const std::string& entity, std::int64_t after, std::size_t limit) {
    std::vector<RecordRow> found;
    TRY(const auto entity_id, connection_.names().find(entity));
    if (!entity_id) return found;
    CHECK_OK(list_.each([&](const Row& row) { found.push_back(read_record(row)); }, *entity_id, after, limit));
    return found;
}

Result<std::vector<RecordCount>> RecordsReads::counts() {
    std::vector<RecordCount> counts;
    CHECK_OK(counts_.each([&](const Row& row) {
        auto& one = counts.emplace_back();
        row.read(Named{one.connection}, Named{one.stream}, one.records, one.deleted);
    }));
    return counts;
}

RecordsTable::RecordsTable(Connection& connection)
    : RecordsReads(connection),
      insert_(connection, kInsertRecord),
      update_(connection, kUpdateRecord),
      remember_(connection, kRemember),
      erase_(connection, kErase),
      erase_link_(connection, kEraseLink),
      erase_keys_(connection, kEraseKeys),
      erase_pairs_(connection, kErasePairs) {}

Result<void> RecordsTable::insert(std::span<const RecordRow* const> rows, std::span<RecordHeader* const> stored) {
    auto& names = connection_.names();
    return insert_.each_of_all(
        rows.size(),
        [&](std::size_t i, auto&& with) -> Result<void> {
            const auto& row = *rows[i];
            const auto& header = row.header;
            TRY(const auto connection, names.id(row.key.connection));
            TRY(const auto stream, names.id(row.key.stream));
            TRY(const auto entity, names.id(row.entity));
            TRY(const auto mapping, names.id(row.mapping_version));
            return with(header.uid, connection, stream, row.key.external_id, entity, header.hash, header.deleted,
                        header.subject, row.observed_at, mapping, row.clear, Blob{row.sealed}, header.source);
        },
        [&](std::size_t i, const Row& inserted) {
            inserted.read(stored[i]->id);
            stored[i]->version = 1;
        });
}

Result<void> RecordsTable::update(std::span<const RecordRow* const> rows, std::span<RecordHeader* const> stored) {
    bool all = true;
    CHECK_OK(update_.run_all(
        rows.size(),
        [&](std::size_t i, auto&& with) -> Result<void> {
            const auto& row = *rows[i];
            const auto& header = row.header;
            TRY(const auto entity, connection_.names().id(row.entity));
            TRY(const auto mapping, connection_.names().id(row.mapping_version));
            return with(header.id, header.version, header.hash, header.deleted, header.subject, row.observed_at,
                        mapping, row.clear, Blob{row.sealed}, entity, header.source);
        },
        [&](std::size_t i, std::int64_t changed) {
            all = all && changed > 0;
            ++stored[i]->version;
        }));
    if (!all) return fail(Fault::conflict, "the record changed since it was read: read it again");
    return {};
}

Result<std::vector<RecordHeader>> RecordsTable::put(std::span<const RecordRow> rows) {
    std::vector<RecordHeader> stored;
    stored.reserve(rows.size());
    std::vector<const RecordRow*> fresh, known;
    std::vector<RecordHeader*> of_fresh, of_known;
    for (const auto& row : rows) {
        auto& header = stored.emplace_back(row.header);
        (row.header.id == 0 ? fresh : known).push_back(&row);
        (row.header.id == 0 ? of_fresh : of_known).push_back(&header);
    }
    if (auto done = insert(fresh, of_fresh); !done) return pass(std::move(done), place_of(*fresh.front()));
    if (auto done = update(known, of_known); !done) return pass(std::move(done), place_of(*known.front()));
    return stored;
}

Result<void> RecordsTable::remember_source(std::span<const RecordHeader> headers) {
    return remember_.run_all(headers.size(), [&](std::size_t i, auto&& with) {
        return with(headers[i].id, headers[i].version, headers[i].source);
    });
}

Result<void> RecordsTable::erase(std::span<const Uid> uids) {
    for (auto* const statement : {&erase_link_, &erase_keys_, &erase_pairs_, &erase_})
        CHECK_OK(statement->run_for(uids));
    return {};
}

}  // namespace tributary::store
