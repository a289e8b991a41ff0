#include "gateway/store/sql/subject_tables.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_REQUEST_COLUMNS "uid, version, kind, state, received_at, due_at, closed_at, body, progress"

constexpr const char* kGetRequest = "SELECT " TRIBUTARY_REQUEST_COLUMNS " FROM subject_request WHERE uid = ?1";
// x'' sorts before every uid.
constexpr const char* kListRequests =
    "SELECT " TRIBUTARY_REQUEST_COLUMNS
    " FROM subject_request WHERE uid > coalesce(?1, x'') AND (?2 = 0 OR closed_at IS NULL) ORDER BY uid LIMIT ?3";
constexpr const char* kOverdueRequests = "SELECT count(*) FROM subject_request WHERE closed_at IS NULL AND due_at < ?1";
constexpr const char* kInsertRequest = "INSERT INTO subject_request (" TRIBUTARY_REQUEST_COLUMNS
                                       ") VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (uid) DO NOTHING";
constexpr const char* kUpdateRequest =
    "UPDATE subject_request SET version = version + 1, kind = ?2, state = ?3, received_at = ?4, due_at = ?5, "
    "closed_at = ?6, body = ?7, progress = ?8 WHERE uid = ?1 AND version = ?9";

constexpr const char* kMarksOf =
    "SELECT kind, subject, basis, until, by, at FROM subject_mark WHERE kind = ?1 AND subject = ?2 AND (until IS NULL "
    "OR until > ?3)";
constexpr const char* kListMarks =
    "SELECT kind, subject, basis, until, by, at FROM subject_mark WHERE kind = ?1 AND subject > coalesce(?2, x'') "
    "ORDER BY subject LIMIT ?3";
constexpr const char* kPutMark =
    "INSERT INTO subject_mark (kind, subject, basis, until, by, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
    "ON CONFLICT (kind, subject) DO UPDATE SET basis = excluded.basis, until = excluded.until, by = excluded.by, "
    "at = excluded.at";
constexpr const char* kRemoveMark = "DELETE FROM subject_mark WHERE kind = ?1 AND subject = ?2";

constexpr const char* kListRemainders =
    "SELECT token, entity, basis, body, at, kept_until FROM remainder WHERE token > coalesce(?1, x'') ORDER BY token "
    "LIMIT ?2";
constexpr const char* kCountRemainders = "SELECT count(*) FROM remainder";
constexpr const char* kPutRemainder =
    "INSERT INTO remainder (token, entity, basis, body, at, kept_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr const char* kSweepRemainders =
    "DELETE FROM remainder WHERE token IN (SELECT token FROM remainder WHERE kept_until < ?1 LIMIT ?2)";

SubjectRequestRow read_request(const Row& row) {
    SubjectRequestRow request;
    row.read(request.uid, request.version, request.kind, request.state, request.received_at, request.due_at,
             request.closed_at, request.body, request.progress);
    return request;
}

SubjectMark read_mark(const Row& row) {
    SubjectMark mark;
    int kind = 0;
    row.read(kind, mark.subject, mark.basis, mark.until, mark.by, mark.at);
    mark.kind = static_cast<MarkKind>(kind);
    return mark;
}

}  // namespace

SubjectRequestsReads::SubjectRequestsReads(Connection& connection)
    : connection_(connection),
      get_(connection, kGetRequest),
      list_(connection, kListRequests),
      overdue_(connection, kOverdueRequests) {}

Result<std::optional<SubjectRequestRow>> SubjectRequestsReads::get(Uid uid) {
    std::optional<SubjectRequestRow> found;
    CHECK_OK(get_.first([&](const Row& row) { found = read_request(row); }, uid));
    return found;
}

Result<std::vector<SubjectRequestRow>> SubjectRequestsReads::list(bool open_only, Uid after, std::size_t limit) {
    std::vector<SubjectRequestRow> rows;
    CHECK_OK(list_.each([&](const Row& row) { rows.push_back(read_request(row)); }, after, open_only, limit));
    return rows;
}

Result<std::uint64_t> SubjectRequestsReads::overdue(Timestamp at) {
    std::uint64_t count = 0;
    CHECK_OK(overdue_.first([&](const Row& row) { row.read(count); }, at));
    return count;
}

SubjectRequestsTable::SubjectRequestsTable(Connection& connection)
    : SubjectRequestsReads(connection), insert_(connection, kInsertRequest), update_(connection, kUpdateRequest) {}

Result<void> SubjectRequestsTable::put(const SubjectRequestRow& row) {
    std::int64_t changed = 0;
    if (row.version == 0) {
        TRY(changed, insert_.run(row.uid, row.kind, row.state, row.received_at, row.due_at, row.closed_at, row.body,
                                 row.progress));
    } else {
        TRY(changed, update_.run(row.uid, row.kind, row.state, row.received_at, row.due_at, row.closed_at, row.body,
                                 row.progress, row.version));
    }
    if (changed == 0)
        return fail(Fault::conflict, "somebody else changed it meanwhile: look at it again",
                    "request " + row.uid.text());
    return {};
}

SubjectMarksReads::SubjectMarksReads(Connection& connection)
    : of_(connection, kMarksOf), list_(connection, kListMarks) {}

Result<std::vector<SubjectMark>> SubjectMarksReads::of(MarkKind kind, std::span<const Uid> subjects, Timestamp now) {
    std::vector<SubjectMark> marks;
    for (const auto& subject : subjects)
        CHECK_OK(
            of_.each([&](const Row& row) { marks.push_back(read_mark(row)); }, static_cast<int>(kind), subject, now));
    return marks;
}

Result<std::vector<SubjectMark>> SubjectMarksReads::list(MarkKind kind, Uid after, std::size_t limit) {
    std::vector<SubjectMark> marks;
    CHECK_OK(
        list_.each([&](const Row& row) { marks.push_back(read_mark(row)); }, static_cast<int>(kind), after, limit));
    return marks;
}

SubjectMarksTable::SubjectMarksTable(Connection& connection)
    : SubjectMarksReads(connection), put_(connection, kPutMark), remove_(connection, kRemoveMark) {}

Result<void> SubjectMarksTable::put(std::span<const SubjectMark> marks) {
    for (const auto& mark : marks)
        CHECK_OK(put_.run(static_cast<int>(mark.kind), mark.subject, mark.basis, mark.until, mark.by, mark.at));
    return {};
}

Result<std::uint64_t> SubjectMarksTable::remove(MarkKind kind, std::span<const Uid> subjects) {
    std::uint64_t removed = 0;
    for (const auto& subject : subjects) {
        TRY(const auto changed, remove_.run(static_cast<int>(kind), subject));
        removed += static_cast<std::uint64_t>(changed);
    }
    return removed;
}

RemaindersReads::RemaindersReads(Connection& connection)
    : connection_(connection), list_(connection, kListRemainders), count_(connection, kCountRemainders) {}

Result<std::vector<Remainder>> RemaindersReads::list(Uid after, std::size_t limit) {
    std::vector<Remainder> remainders;
    CHECK_OK(list_.each(
        [&](const Row& row) {
            auto& one = remainders.emplace_back();
            row.read(one.token, Named{one.entity}, one.basis, one.body, one.at, one.kept_until);
        },
        after, limit));
    return remainders;
}

Result<std::uint64_t> RemaindersReads::count() {
    std::uint64_t count = 0;
    CHECK_OK(count_.first([&](const Row& row) { row.read(count); }));
    return count;
}

RemaindersTable::RemaindersTable(Connection& connection)
    : RemaindersReads(connection), put_(connection, kPutRemainder), sweep_(connection, kSweepRemainders) {}

Result<void> RemaindersTable::put(std::span<const Remainder> remainders) {
    for (const auto& one : remainders) {
        TRY(const auto entity, connection_.names().id(one.entity));
        CHECK_OK(put_.run(one.token, entity, one.basis, one.body, one.at, one.kept_until));
    }
    return {};
}

Result<std::uint64_t> RemaindersTable::sweep(Timestamp now, std::size_t limit) {
    TRY(const auto removed, sweep_.run(now, limit));
    return static_cast<std::uint64_t>(removed);
}

}  // namespace tributary::store
