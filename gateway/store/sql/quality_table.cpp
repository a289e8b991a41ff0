#include "gateway/store/sql/quality_table.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kListQuality =
    "SELECT connection, stream, path, code, count, first_at, last_at FROM quality WHERE kind = ?1 "
    "AND (?2 = '' OR connection = (SELECT id FROM name WHERE text = ?2)) "
    "AND (?3 = '' OR stream = (SELECT id FROM name WHERE text = ?3)) ORDER BY count DESC, path, code LIMIT ?4";
constexpr const char* kAddQuality =
    "INSERT INTO quality (kind, connection, stream, path, code, count, first_at, last_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (kind, connection, stream, path, code) DO "
    "UPDATE SET count = quality.count + excluded.count, "
    "first_at = CASE WHEN excluded.first_at < quality.first_at THEN excluded.first_at ELSE quality.first_at END, "
    "last_at = CASE WHEN excluded.last_at > quality.last_at THEN excluded.last_at ELSE quality.last_at END";
constexpr const char* kClear = "DELETE FROM quality WHERE connection = ?1 AND stream = ?2";

}  // namespace

QualityReads::QualityReads(Connection& connection) : connection_(connection), list_(connection, kListQuality) {}

Result<std::vector<QualityCount>> QualityReads::list(QualityKind kind, const std::string& connection,
                                                     const std::string& stream, std::size_t limit) {
    std::vector<QualityCount> counts;
    const auto use = [&](const Row& row) {
        auto& one = counts.emplace_back();
        one.kind = kind;
        row.read(Named{one.connection}, Named{one.stream}, one.path, one.code, one.count, one.first_at, one.last_at);
    };
    CHECK_OK(list_.each(use, static_cast<int>(kind), connection, stream, limit));
    return counts;
}

QualityTable::QualityTable(Connection& connection)
    : QualityReads(connection), add_(connection, kAddQuality), clear_(connection, kClear) {}

Result<void> QualityTable::add(std::span<const QualityCount> counts) {
    return add_.run_all(counts.size(), [&](std::size_t i, auto&& with) -> Result<void> {
        const auto& one = counts[i];
        TRY(const auto connection, connection_.names().id(one.connection));
        TRY(const auto stream, connection_.names().id(one.stream));
        return with(static_cast<int>(one.kind), connection, stream, one.path, one.code, one.count, one.first_at,
                    one.last_at);
    });
}

Result<void> QualityTable::clear(const std::string& connection, const std::string& stream) {
    TRY(const auto connection_id, connection_.names().id(connection));
    TRY(const auto stream_id, connection_.names().id(stream));
    CHECK_OK(clear_.run(connection_id, stream_id));
    return {};
}

}  // namespace tributary::store
