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

}  // namespace

OverviewReads::OverviewReads(Connection& connection)
    : lanes_(connection, kOldestLanes),
      reach_(connection, kReach),
      disclosed_(connection, kDisclosed),
      consents_(connection, kConsents),
      duplicates_(connection, kDuplicates) {}

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

}  // namespace tributary::store
