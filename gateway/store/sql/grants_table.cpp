#include "gateway/store/sql/grants_table.hpp"

namespace tributary::store {
namespace {

constexpr const char* kFindGrant =
    "SELECT name, version, phase, mark, lease_owner, fence, lease_until, changed_at, error FROM cred_state WHERE name "
    "= ?1";
constexpr const char* kListGrants =
    "SELECT name, version, phase, mark, lease_owner, fence, lease_until, changed_at, error FROM cred_state ORDER BY "
    "name";
constexpr const char* kMake =
    "INSERT INTO cred_state (name, version, phase, mark, lease_owner, fence, lease_until, changed_at, error) "
    "VALUES (?1, 0, 0, '', '', 0, 0, ?2, '') ON CONFLICT DO NOTHING";
constexpr const char* kLeaseGrant =
    "UPDATE cred_state SET lease_owner = ?3, fence = fence + 1, lease_until = ?5 WHERE name = ?1 AND version = ?2 AND "
    "lease_until <= ?4 RETURNING fence";
constexpr const char* kMarkGrant =
    "UPDATE cred_state SET phase = ?4, mark = ?5, changed_at = ?6 WHERE name = ?1 AND version = ?2 AND fence = ?3 AND "
    "lease_until > 0";
constexpr const char* kReleaseGrant =
    "UPDATE cred_state SET phase = ?4, error = ?5, changed_at = ?6, lease_owner = '', lease_until = 0 WHERE name = ?1 "
    "AND version = ?2 AND fence = ?3 AND lease_until > 0";
constexpr const char* kAdvance =
    "UPDATE cred_state SET version = version + 1, phase = 0, mark = '', error = '', changed_at = ?4, lease_owner = '', "
    "lease_until = 0 WHERE name = ?1 AND version = ?2 AND fence = ?3 AND lease_until > 0";
constexpr const char* kReplace =
    "UPDATE cred_state SET version = version + 1, fence = fence + 1, phase = 0, mark = '', error = '', changed_at = "
    "?2, lease_owner = '', lease_until = 0 WHERE name = ?1";

vault::GrantState read_state(const Connection& connection, const Row& row) {
    vault::GrantState state;
    int phase = 0;
    row.read(state.name, state.version, phase, state.mark, state.lease_owner, state.fence, state.lease_until,
             state.changed, state.error);
    // Free is 0, by any clock.
    if (state.lease_until > Timestamp{}) state.lease_until = connection.our_time(state.lease_until);
    state.phase = static_cast<vault::GrantPhase>(phase);
    return state;
}

Result<void> held(Result<std::int64_t> changed, std::string_view name) {
    if (!changed) return pass(std::move(changed));
    if (*changed == 0)
        return fail(Fault::conflict, "the lease on these tokens went to another process, or a login replaced them",
                    "grant " + std::string(name));
    return {};
}

}  // namespace

GrantsReads::GrantsReads(Connection& connection)
    : connection_(connection), find_(connection, kFindGrant), list_(connection, kListGrants) {}

Result<std::optional<vault::GrantState>> GrantsReads::find(std::string_view name) {
    std::optional<vault::GrantState> found;
    CHECK_OK(find_.first([&](const Row& row) { found = read_state(connection_, row); }, name));
    return found;
}

Result<std::vector<vault::GrantState>> GrantsReads::list() {
    std::vector<vault::GrantState> found;
    CHECK_OK(list_.each([&](const Row& row) { found.push_back(read_state(connection_, row)); }));
    return found;
}

GrantsTable::GrantsTable(Connection& connection)
    : GrantsReads(connection),
      make_(connection, kMake),
      lease_(connection, kLeaseGrant),
      mark_(connection, kMarkGrant),
      release_(connection, kReleaseGrant),
      advance_(connection, kAdvance),
      replace_(connection, kReplace) {}

Result<std::optional<vault::GrantLease>> GrantsTable::lease(std::string_view name, std::uint64_t version,
                                                            const std::string& owner, Timestamp now, Timestamp until) {
    if (version == 0) CHECK_OK(make_.run(name, now));
    std::optional<vault::GrantLease> lease;
    CHECK_OK(lease_.first(
        [&](const Row& row) {
            lease = vault::GrantLease{std::string(name), version};
            row.read(lease->fence);
        },
        name, version, owner, connection_.lease_time(now), connection_.lease_time(until)));
    return lease;
}

Result<void> GrantsTable::mark(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                               Timestamp now) {
    return held(mark_.run(lease.name, lease.version, lease.fence, static_cast<int>(phase), mark, now), lease.name);
}

Result<void> GrantsTable::release(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error,
                                  Timestamp now) {
    return held(release_.run(lease.name, lease.version, lease.fence, static_cast<int>(phase), error, now), lease.name);
}

Result<void> GrantsTable::advance(const vault::GrantLease& lease, Timestamp now) {
    return held(advance_.run(lease.name, lease.version, lease.fence, now), lease.name);
}

Result<void> GrantsTable::replace(std::string_view name, Timestamp now) {
    CHECK_OK(make_.run(name, now));
    return held(replace_.run(name, now), name);
}

}  // namespace tributary::store
