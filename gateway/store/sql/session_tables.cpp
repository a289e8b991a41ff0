#include "gateway/store/sql/session_tables.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {

SqlReadSession::SqlReadSession(Connection& connection, DeadLetterLimits limits)
    : connection_(connection),
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
      nodes_(connection),
      overview_(connection),
      sealed_notes_(connection) {}

SqlSession::SqlSession(Connection& connection, DeadLetterLimits limits)
    : connection_(connection),
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
      nodes_(connection),
      overview_(connection),
      sealed_notes_(connection) {}

Result<void> SqlSession::begin() {
    CHECK_OK(connection_.begin_write());
    if (connection_.took_turn()) forget();
    return {};
}

Result<void> SqlSession::commit() {
    CHECK_OK(connection_.commit());
    connection_.names().committed();
    return {};
}

void SqlSession::roll_back() {
    connection_.roll_back();
    forget();
}

Result<void> SqlSession::roll_back_to_mark() {
    forget();
    return connection_.roll_back_to_mark();
}

void SqlSession::forget() {
    connection_.names().rolled_back();
    inbox_.rolled_back();
    dead_letters_.rolled_back();
    audit_.rolled_back();
}

}  // namespace tributary::store
