#include "gateway/store/sql/overview_reads.hpp"

namespace tributary::store {
namespace {

constexpr const char* kOldestLanes =
    "SELECT id, destination, lane_key, depth, fail_count, expired_count + killed_count, lease_until IS NOT NULL, "
    "blocked, next_run_at, head_at, error FROM lane WHERE depth > 0 "
    "AND (?1 IS NULL OR destination = (SELECT id FROM name WHERE text = ?1)) AND (?2 IS NULL OR lane_key = ?2) "
    "AND blocked >= ?3 AND (?4 IS NULL OR head_at < ?4) ORDER BY head_at, id LIMIT ?5";
constexpr const char* kReach =
    "SELECT count(DISTINCT subject) FROM disclosure WHERE last_sent_at >= ?2 AND first_sent_at < ?3 "
    "AND (?1 IS NULL OR destination = (SELECT id FROM name WHERE text = ?1))";
constexpr const char* kDisclosed =
    "SELECT destination, purpose, count(DISTINCT subject), min(first_sent_at), max(last_sent_at) FROM disclosure "
    "WHERE last_sent_at >= ?2 AND first_sent_at < ?3 "
    "AND (?1 IS NULL OR destination = (SELECT id FROM name WHERE text = ?1)) GROUP BY destination, purpose "
    "ORDER BY destination, purpose";
constexpr const char* kConsents =
    "SELECT e.purpose, coalesce(json_extract(e.body, '$.event_state'), ''), count(*) FROM consent_event e JOIN "
    "(SELECT max(seq) AS seq FROM consent_event GROUP BY subject, purpose) newest ON newest.seq = e.seq "
    "GROUP BY 1, 2 ORDER BY 1, 2";
constexpr const char* kDuplicates =
    "SELECT count(*), coalesce(sum(records), 0) FROM (SELECT count(*) AS records FROM identity_link GROUP BY customer "
    "HAVING count(*) > 1) AS shared";
// Of a server: sessions of this database, standbys, slots and prepared transactions. The beginning of another role's
// transaction is not shown to everybody, how far behind it is always is.
constexpr const char* kHolders =
    "SELECT CAST(coalesce(1000 * max(extract(epoch FROM clock_timestamp() - since)), 0) AS INTEGER), "
    "coalesce(max(behind), 0) FROM ("
    "SELECT greatest(age(backend_xmin), age(backend_xid)) AS behind, xact_start AS since FROM pg_stat_activity "
    "WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid() "
    "AND backend_type <> 'autovacuum worker' "
    "UNION ALL SELECT age(xmin), NULL FROM pg_replication_slots "
    "UNION ALL SELECT age(transaction), prepared FROM pg_prepared_xacts WHERE database = current_database()"
    ") AS holder WHERE behind IS NOT NULL";
constexpr const char* kDeadRows =
    "SELECT CAST(coalesce(sum(n_dead_tup), 0) AS INTEGER), CAST(coalesce(sum(n_live_tup), 0) AS INTEGER) "
    "FROM pg_stat_user_tables "
    "WHERE relname IN ('lane', 'item', 'inbox', 'inbox_work', 'counter', 'store_node', 'store_turn')";

}  // namespace

OverviewReads::OverviewReads(Connection& connection)
    : connection_(connection),
      lanes_(connection, kOldestLanes),
      reach_(connection, kReach),
      disclosed_(connection, kDisclosed),
      consents_(connection, kConsents),
      duplicates_(connection, kDuplicates),
      holders_(connection, kHolders),
      dead_rows_(connection, kDeadRows) {}

Result<std::vector<LaneRow>> OverviewReads::oldest_lanes(const LaneFilter& filter, std::optional<Timestamp> before,
                                                         std::size_t limit) {
    std::vector<LaneRow> lanes;
    CHECK_OK(lanes_.each(
        [&](const Row& row) {
            auto& one = lanes.emplace_back();
            row.read(one.lane, Named{one.destination}, one.lane_key, one.depth, one.fail_count, one.crash_count,
                     one.leased, one.blocked, one.next_run_at, one.oldest, one.error);
        },
        filter.destination, filter.lane_key, filter.blocked_only, before, limit));
    return lanes;
}

Result<DisclosureReach> OverviewReads::disclosed(const std::optional<std::string>& destination, Timestamp from,
                                                 Timestamp until) {
    DisclosureReach reach;
    CHECK_OK(reach_.first([&](const Row& row) { row.read(reach.subjects); }, destination, from, until));
    CHECK_OK(disclosed_.each(
        [&](const Row& row) {
            auto& one = reach.counts.emplace_back();
            row.read(Named{one.destination}, Named{one.purpose}, one.subjects, one.first_at, one.last_at);
        },
        destination, from, until));
    return reach;
}

Result<std::vector<ConsentCount>> OverviewReads::consents() {
    std::vector<ConsentCount> counts;
    CHECK_OK(consents_.each([&](const Row& row) {
        auto& one = counts.emplace_back();
        row.read(Named{one.purpose}, one.state, one.subjects);
    }));
    return counts;
}

Result<DuplicateCount> OverviewReads::duplicates() {
    DuplicateCount count;
    CHECK_OK(duplicates_.first([&](const Row& row) { row.read(count.customers, count.records); }));
    return count;
}

Result<HeldRows> OverviewReads::held_rows() {
    HeldRows held;
    if (!connection_.shared()) return held;
    CHECK_OK(holders_.first([&](const Row& row) { row.read(held.oldest_snapshot, held.oldest_transactions); }));
    CHECK_OK(dead_rows_.first([&](const Row& row) { row.read(held.dead, held.live); }));
    return held;
}

}  // namespace tributary::store
