#include "gateway/store/sql/access_tables.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_APPROVAL_COLUMNS \
    "id, operation, arguments, digest, asked_by, asked_type, asked_at, expires_at, state, decided_by, decided_at"

constexpr const char* kFindApproval = "SELECT " TRIBUTARY_APPROVAL_COLUMNS " FROM approval WHERE id = ?1";
constexpr const char* kListApprovals =
    "SELECT " TRIBUTARY_APPROVAL_COLUMNS " FROM approval WHERE id > ?1 ORDER BY id LIMIT ?2";
constexpr const char* kPutApproval =
    "INSERT INTO approval (" TRIBUTARY_APPROVAL_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO UPDATE SET "
    "operation = excluded.operation, arguments = excluded.arguments, "
    "digest = excluded.digest, asked_by = excluded.asked_by, "
    "asked_type = excluded.asked_type, asked_at = excluded.asked_at, "
    "expires_at = excluded.expires_at, state = excluded.state, "
    "decided_by = excluded.decided_by, decided_at = excluded.decided_at";
constexpr const char* kSweepApprovals = "DELETE FROM approval WHERE expires_at < ?1";
constexpr const char* kFindWrite = "SELECT key, request, at, status, answer FROM idempotency WHERE key = ?1";
constexpr const char* kPutWrite =
    "INSERT INTO idempotency (key, request, at, status, answer) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO "
    "UPDATE "
    "SET request = excluded.request, at = excluded.at, status = excluded.status, answer = excluded.answer";
constexpr const char* kRemoveWrite = "DELETE FROM idempotency WHERE key = ?1";
constexpr const char* kSweepWrites = "DELETE FROM idempotency WHERE at < ?1";

#undef TRIBUTARY_APPROVAL_COLUMNS

access::Approval read_approval(const Row& row) {
    access::Approval one;
    int state = 0;
    row.read(one.id, one.operation, one.arguments, one.digest, one.asked_by, one.asked_type, one.asked, one.expires,
             state, one.decided_by, one.decided);
    one.state = static_cast<access::ApprovalState>(state);
    return one;
}

}  // namespace

ApprovalsReads::ApprovalsReads(Connection& connection)
    : find_(connection, kFindApproval), list_(connection, kListApprovals) {}

Result<std::optional<access::Approval>> ApprovalsReads::find(std::string_view id) {
    std::optional<access::Approval> found;
    CHECK_OK(find_.first([&](const Row& row) { found = read_approval(row); }, id));
    return found;
}

Result<std::vector<access::Approval>> ApprovalsReads::list(std::string_view after, std::size_t limit) {
    std::vector<access::Approval> all;
    CHECK_OK(list_.each([&](const Row& row) { all.push_back(read_approval(row)); }, after, limit));
    return all;
}

ApprovalsTable::ApprovalsTable(Connection& connection)
    : ApprovalsReads(connection),
      put_(connection, kPutApproval),
      sweep_(connection, kSweepApprovals),
      retired_(connection) {}

Result<void> ApprovalsTable::put(const access::Approval& one) {
    CHECK_OK(retired_.refuse(one.arguments, "approval " + one.id));
    CHECK_OK(put_.run(one.id, one.operation, Blob{one.arguments}, one.digest, one.asked_by, one.asked_type, one.asked,
                      one.expires, static_cast<int>(one.state), one.decided_by, one.decided));
    return {};
}

Result<void> ApprovalsTable::sweep(Timestamp before) {
    CHECK_OK(sweep_.run(before));
    return {};
}

IdempotencyReads::IdempotencyReads(Connection& connection) : find_(connection, kFindWrite) {}

Result<std::optional<IdempotentWrite>> IdempotencyReads::find(const Digest& key) {
    std::optional<IdempotentWrite> found;
    const auto use = [&](const Row& row) {
        auto& one = found.emplace();
        row.read(one.key, one.request, one.at, one.status, one.answer);
    };
    CHECK_OK(find_.first(use, key));
    return found;
}

IdempotencyTable::IdempotencyTable(Connection& connection)
    : IdempotencyReads(connection),
      put_(connection, kPutWrite),
      remove_(connection, kRemoveWrite),
      sweep_(connection, kSweepWrites),
      retired_(connection) {}

Result<void> IdempotencyTable::put(const IdempotentWrite& write) {
    CHECK_OK(retired_.refuse(write.answer, "answer of a repeated write"));
    CHECK_OK(put_.run(write.key, write.request, write.at, write.status, Blob{write.answer}));
    return {};
}

Result<void> IdempotencyTable::remove(const Digest& key) {
    CHECK_OK(remove_.run(key));
    return {};
}

Result<void> IdempotencyTable::sweep(Timestamp before) {
    CHECK_OK(sweep_.run(before));
    return {};
}

}  // namespace tributary::store
