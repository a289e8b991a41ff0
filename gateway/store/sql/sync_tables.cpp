#include "gateway/store/sql/sync_tables.hpp"

#include <limits>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kGetCheckpoint =
    "SELECT connection, stream, cursor, state, updated_at FROM checkpoint WHERE connection = ?1 AND stream = ?2";
constexpr const char* kListCheckpoints =
    "SELECT connection, stream, cursor, state, updated_at FROM checkpoint ORDER BY connection, stream";
constexpr const char* kPutCheckpoint =
    "INSERT INTO checkpoint (connection, stream, cursor, state, updated_at) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT (connection, stream) DO UPDATE SET cursor = excluded.cursor, state = excluded.state, "
    "updated_at = excluded.updated_at";
constexpr const char* kRemoveCheckpoint = "DELETE FROM checkpoint WHERE connection = ?1 AND stream = ?2";

constexpr const char* kListRuns =
    "SELECT id, connection, stream, started_at, ended_at, records, unchanged, quarantined, error, cursor FROM job_run "
    "WHERE id < ?1 AND (?2 = '' OR connection = (SELECT id FROM name WHERE text = ?2)) "
    "AND (?3 = '' OR stream = (SELECT id FROM name WHERE text = ?3)) ORDER BY id DESC LIMIT ?4";
constexpr const char* kBeginRun =
    "INSERT INTO job_run (connection, stream, started_at) VALUES (?1, ?2, ?3) RETURNING id";
constexpr const char* kUpdateRun =
    "UPDATE job_run SET ended_at = ?2, records = ?3, unchanged = ?4, quarantined = ?5, error = ?6, cursor = ?7 WHERE "
    "id = ?1";
constexpr const char* kSweepRuns =
    "DELETE FROM job_run WHERE id IN (SELECT id FROM (SELECT id, coalesce(ended_at, started_at) AS at FROM job_run "
    "ORDER BY id LIMIT ?2) AS oldest WHERE at < ?1)";

constexpr const char* kGetLease = "SELECT name, owner, token, until FROM lease WHERE name = ?1";
constexpr const char* kAcquire =
    "INSERT INTO lease (name, owner, token, until) VALUES (?1, ?2, 1, ?3) ON CONFLICT (name) DO UPDATE SET "
    "owner = excluded.owner, token = lease.token + 1, until = excluded.until WHERE lease.until <= ?4 RETURNING token";
constexpr const char* kExtendSync = "UPDATE lease SET until = ?3 WHERE name = ?1 AND token = ?2";
constexpr const char* kReleaseSync = "UPDATE lease SET until = 0, owner = '' WHERE name = ?1 AND token = ?2";
constexpr const char* kReclaimSync = "UPDATE lease SET until = 0, owner = '' WHERE until > 0";

Checkpoint read_checkpoint(const Row& row) {
    Checkpoint one;
    row.read(Named{one.connection}, Named{one.stream}, one.cursor, one.state, one.updated_at);
    return one;
}

std::unexpected<Error> stale(const std::string& name) {
    return fail(Fault::conflict, "the lease went to another owner: give this run up", "job " + name);
}

}  // namespace

CheckpointsReads::CheckpointsReads(Connection& connection)
    : connection_(connection), get_(connection, kGetCheckpoint), list_(connection, kListCheckpoints) {}

Result<std::optional<Checkpoint>> CheckpointsReads::get(const std::string& connection, const std::string& stream) {
    std::optional<Checkpoint> found;
    TRY(const auto connection_id, connection_.names().find(connection));
    TRY(const auto stream_id, connection_.names().find(stream));
    if (!connection_id || !stream_id) return found;
    CHECK_OK(get_.first([&](const Row& row) { found = read_checkpoint(row); }, *connection_id, *stream_id));
    return found;
}

Result<std::vector<Checkpoint>> CheckpointsReads::list() {
    std::vector<Checkpoint> found;
    CHECK_OK(list_.each([&](const Row& row) { found.push_back(read_checkpoint(row)); }));
    return found;
}

CheckpointsTable::CheckpointsTable(Connection& connection)
    : CheckpointsReads(connection), put_(connection, kPutCheckpoint), remove_(connection, kRemoveCheckpoint) {}

Result<void> CheckpointsTable::put(const Checkpoint& checkpoint) {
    TRY(const auto connection, connection_.names().id(checkpoint.connection));
    TRY(const auto stream, connection_.names().id(checkpoint.stream));
    CHECK_OK(put_.run(connection, stream, checkpoint.cursor, checkpoint.state, checkpoint.updated_at));
    return {};
}

Result<void> CheckpointsTable::remove(const std::string& connection, const std::string& stream) {
    TRY(const auto connection_id, connection_.names().id(connection));
    TRY(const auto stream_id, connection_.names().id(stream));
    CHECK_OK(remove_.run(connection_id, stream_id));
    return {};
}

JobsReads::JobsReads(Connection& connection) : connection_(connection), list_(connection, kListRuns) {}

Result<std::vector<JobRun>> JobsReads::list(const std::string& connection, const std::string& stream,
                                            std::int64_t before, std::size_t limit) {
    std::vector<JobRun> runs;
    const auto use = [&](const Row& row) {
        auto& one = runs.emplace_back();
        row.read(one.id, Named{one.connection}, Named{one.stream}, one.started_at, one.ended_at, one.records,
                 one.unchanged, one.quarantined, one.error, one.cursor);
    };
    const auto top = before > 0 ? before : std::numeric_limits<std::int64_t>::max();
    CHECK_OK(list_.each(use, top, connection, stream, limit));
    return runs;
}

JobsTable::JobsTable(Connection& connection)
    : JobsReads(connection),
      begin_(connection, kBeginRun),
      update_(connection, kUpdateRun),
      sweep_(connection, kSweepRuns) {}

Result<std::int64_t> JobsTable::begin(const std::string& connection, const std::string& stream, Timestamp at) {
    TRY(const auto connection_id, connection_.names().id(connection));
    TRY(const auto stream_id, connection_.names().id(stream));
    std::int64_t id = 0;
    CHECK_OK(begin_.first([&](const Row& row) { row.read(id); }, connection_id, stream_id, at));
    return id;
}

Result<void> JobsTable::update(const JobRun& run) {
    TRY(const auto changed,
        update_.run(run.id, run.ended_at, run.records, run.unchanged, run.quarantined, run.error, run.cursor));
    if (changed == 0) return fail(Fault::not_found, "there is no such run", "job run " + std::to_string(run.id));
    return {};
}

Result<std::uint64_t> JobsTable::sweep(Timestamp ended_before, std::size_t limit) {
    TRY(const auto removed, sweep_.run(ended_before, limit));
    return static_cast<std::uint64_t>(removed);
}

LeasesReads::LeasesReads(Connection& connection) : connection_(connection), get_(connection, kGetLease) {}

Result<std::optional<Lease>> LeasesReads::get(const std::string& name) {
    std::optional<Lease> found;
    CHECK_OK(get_.first(
        [&](const Row& row) {
            auto& lease = found.emplace();
            row.read(lease.name, lease.owner, lease.token, lease.until);
            lease.until = connection_.our_time(lease.until);
        },
        name));
    return found;
}

LeasesTable::LeasesTable(Connection& connection)
    : LeasesReads(connection),
      acquire_(connection, kAcquire),
      extend_(connection, kExtendSync),
      release_(connection, kReleaseSync),
      reclaim_(connection, kReclaimSync) {}

Result<std::optional<std::uint64_t>> LeasesTable::acquire(const std::string& name, const std::string& owner,
                                                          Milliseconds ttl, Timestamp now) {
    std::optional<std::uint64_t> token;
    CHECK_OK(acquire_.first([&](const Row& row) { row.read(token); }, name, owner, connection_.lease_time(now + ttl),
                            connection_.lease_time(now)));
    return token;
}

Result<void> LeasesTable::check(const std::string& name, std::uint64_t token) {
    TRY(const auto lease, get(name));
    if (!lease || lease->token != token) return stale(name);
    return {};
}

Result<void> LeasesTable::extend(const std::string& name, std::uint64_t token, Milliseconds ttl, Timestamp now) {
    TRY(const auto changed, extend_.run(name, token, connection_.lease_time(now + ttl)));
    if (changed == 0) return stale(name);
    return {};
}

Result<void> LeasesTable::release(const std::string& name, std::uint64_t token) {
    CHECK_OK(release_.run(name, token));
    return {};
}

Result<void> LeasesTable::reclaim() {
    CHECK_OK(reclaim_.run());
    return {};
}

}  // namespace tributary::store
