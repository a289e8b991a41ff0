#include "gateway/store/sqlite/sqlite_session.hpp"

#include "gateway/store/sqlite/names.hpp"

namespace tributary::store {

SqliteReadSession::SqliteReadSession(Connection& connection, DeadLetterLimits limits)
    : begin_(connection, "BEGIN"),
      end_(connection, "COMMIT"),
      inbox_(connection),
      records_(connection),
      identity_(connection),
      remote_ids_(connection),
      outbox_(connection),
      withheld_(connection),
      dead_letters_(connection, limits),
      attempts_(connection),
      checkpoints_(connection),
      jobs_(connection),
      leases_(connection),
      consent_events_(connection),
      suppressions_(connection),
      disclosures_(connection),
      erasures_(connection),
      person_rows_(connection),
      subject_requests_(connection),
      subject_marks_(connection),
      remainders_(connection),
      propagation_(connection),
      ledger_position_(connection),
      keys_(connection),
      secrets_(connection),
      grants_(connection),
      audit_(connection),
      quality_(connection),
      counters_(connection),
      accounts_(connection),
      approvals_(connection),
      idempotency_(connection),
      alerts_(connection),
      marks_(connection),
      overview_(connection),
      sealed_notes_(connection) {}

Result<void> SqliteReadSession::begin() {
    CHECK_OK(begin_.run());
    return {};
}

Result<void> SqliteReadSession::end() {
    CHECK_OK(end_.run());
    return {};
}

SqliteSession::SqliteSession(Connection& connection, DeadLetterLimits limits)
    : connection_(connection),
      begin_(connection, "BEGIN IMMEDIATE"),
      commit_(connection, "COMMIT"),
      roll_back_(connection, "ROLLBACK"),
      mark_(connection, "SAVEPOINT mark"),
      leave_mark_(connection, "RELEASE mark"),
      roll_back_to_mark_(connection, "ROLLBACK TO mark"),
      counters_(connection),
      attempts_(connection),
      dead_letters_(connection, counters_, limits),
      inbox_(connection, counters_),
      records_(connection),
      identity_(connection),
      remote_ids_(connection),
      outbox_(connection, counters_, attempts_, dead_letters_),
      withheld_(connection, counters_),
      checkpoints_(connection),
      jobs_(connection),
      leases_(connection),
      consent_events_(connection),
      suppressions_(connection),
      disclosures_(connection),
      erasures_(connection),
      person_rows_(connection, outbox_, dead_letters_),
      subject_requests_(connection),
      subject_marks_(connection),
      remainders_(connection),
      propagation_(connection),
      ledger_position_(connection),
      keys_(connection),
      secrets_(connection),
      grants_(connection),
      audit_(connection),
      quality_(connection),
      accounts_(connection),
      approvals_(connection),
      idempotency_(connection),
      alerts_(connection),
      marks_(connection),
      overview_(connection),
      sealed_notes_(connection) {}

Result<void> SqliteSession::begin() {
    CHECK_OK(begin_.run());
    return {};
}

Result<void> SqliteSession::commit() {
    CHECK_OK(commit_.run());
    connection_.names().committed();
    return {};
}

void SqliteSession::roll_back() {
    if (connection_.in_transaction()) std::ignore = roll_back_.run();  // the error that led here is what is told
    forget();
}

Result<void> SqliteSession::mark() {
    CHECK_OK(mark_.run());
    return {};
}

Result<void> SqliteSession::leave_mark() {
    CHECK_OK(leave_mark_.run());
    return {};
}

Result<void> SqliteSession::roll_back_to_mark() {
    forget();
    CHECK_OK(roll_back_to_mark_.run());
    return leave_mark();
}

void SqliteSession::forget() {
    connection_.names().rolled_back();
    inbox_.rolled_back();
    dead_letters_.rolled_back();
    audit_.rolled_back();
}

}  // namespace tributary::store
