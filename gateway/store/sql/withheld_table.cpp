#include "gateway/store/sql/withheld_table.hpp"

#include <map>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_WITHHELD_COLUMNS \
    "id, destination, record, customer, entity, operation, purpose, reason, origin, mapping_version, since"

constexpr const char* kWithheldOfCustomer =
    "SELECT " TRIBUTARY_WITHHELD_COLUMNS " FROM withheld WHERE customer = ?1 ORDER BY id";
constexpr const char* kListWithheld =
    "SELECT " TRIBUTARY_WITHHELD_COLUMNS
    " FROM withheld WHERE id > ?1 AND (?2 IS NULL OR destination = (SELECT id FROM name "
    "WHERE text = ?2)) ORDER BY id LIMIT ?3";
constexpr const char* kWithheldCounts =
    "SELECT destination, reason, count(*) FROM withheld GROUP BY destination, reason";
constexpr const char* kInsertWithheld =
    "INSERT INTO withheld (destination, record, customer, entity, operation, purpose, reason, origin, "
    "mapping_version, since) VALUES (?1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?3) ON CONFLICT DO NOTHING";
constexpr const char* kUpdateWithheld =
    "UPDATE withheld SET customer = ?4, entity = ?5, operation = ?6, purpose = ?7, reason = ?8, origin = ?9, "
    "mapping_version = ?10 WHERE destination = ?1 AND record = ?2";
constexpr const char* kDropWithheld = "DELETE FROM withheld WHERE id = ?1";
constexpr const char* kRemoveWithheld = "DELETE FROM withheld WHERE destination = ?1 AND record = ?2";

WithheldRow read_withheld(const Row& row) {
    WithheldRow one;
    row.read(one.id, Named{one.destination}, one.record, one.customer, Named{one.entity}, Named{one.operation},
             Named{one.purpose}, Named{one.reason}, Named{one.origin}, Named{one.mapping_version}, one.since);
    return one;
}

}  // namespace

WithheldReads::WithheldReads(Connection& connection)
    : connection_(connection),
      of_customer_(connection, kWithheldOfCustomer),
      list_(connection, kListWithheld),
      counts_(connection, kWithheldCounts) {}

Result<std::vector<WithheldRow>> WithheldReads::of_customer(Uid customer) {
    std::vector<WithheldRow> rows;
    CHECK_OK(of_customer_.each([&](const Row& row) { rows.push_back(read_withheld(row)); }, customer));
    return rows;
}

Result<std::vector<WithheldRow>> WithheldReads::list(const std::optional<std::string>& destination, std::int64_t after,
                                                     std::size_t limit) {
    std::vector<WithheldRow> rows;
    CHECK_OK(list_.each([&](const Row& row) { rows.push_back(read_withheld(row)); }, after, destination, limit));
    return rows;
}

Result<std::vector<WithheldCount>> WithheldReads::counts() {
    std::vector<WithheldCount> counts;
    CHECK_OK(counts_.each([&](const Row& row) {
        auto& one = counts.emplace_back();
        row.read(Named{one.destination}, Named{one.reason}, one.records);
    }));
    return counts;
}

WithheldTable::WithheldTable(Connection& connection, CountersTable& counters)
    : WithheldReads(connection),
      counters_(counters),
      insert_(connection, kInsertWithheld),
      update_(connection, kUpdateWithheld),
      drop_(connection, kDropWithheld),
      remove_(connection, kRemoveWithheld) {}

Result<void> WithheldTable::put(std::span<const WithheldRow> rows) {
    auto& names = connection_.names();
    const auto give = [&](const WithheldRow& row, auto&& with) -> Result<void> {
        TRY(const auto destination, names.id(row.destination));
        TRY(const auto entity, names.id(row.entity));
        TRY(const auto operation, names.id(row.operation));
        TRY(const auto purpose, names.id(row.purpose));
        TRY(const auto reason, names.id(row.reason));
        TRY(const auto origin, names.id(row.origin));
        TRY(const auto mapping, names.id(row.mapping_version));
        // A nil record is kept as such, so that it stays one row.
        return with(destination, Blob{row.record.view()}, row.since, row.customer, entity, operation, purpose, reason,
                    origin, mapping);
    };
    std::map<std::string, std::uint64_t> fresh;  // by destination
    std::vector<const WithheldRow*> known;
    CHECK_OK(insert_.run_all(
        rows.size(), [&](std::size_t i, auto&& with) { return give(rows[i], with); },
        [&](std::size_t i, std::int64_t added) {
            if (added > 0)
                ++fresh[rows[i].destination];
            else
                known.push_back(&rows[i]);
        }));
    CHECK_OK(update_.run_all(known.size(), [&](std::size_t i, auto&& with) { return give(*known[i], with); }));
    for (const auto& [destination, count] : fresh) CHECK_OK(counters_.count(Counter::withheld, destination, {}, count));
    return {};
}

Result<std::vector<WithheldRow>> WithheldTable::take(Uid customer, const std::optional<std::string>& destination) {
    TRY(auto rows, of_customer(customer));
    if (destination) std::erase_if(rows, [&](const auto& row) { return row.destination != *destination; });
    CHECK_OK(drop_.run_all(rows.size(), [&](std::size_t i, auto&& with) { return with(rows[i].id); }));
    return rows;
}

Result<void> WithheldTable::remove(const std::string& destination, std::span<const Uid> records) {
    TRY(const auto id, connection_.names().find(destination));
    if (!id) return {};
    return remove_.run_all(records.size(),
                           [&](std::size_t i, auto&& with) { return with(*id, Blob{records[i].view()}); });
}

}  // namespace tributary::store
