// The sessions of an SQL engine: all tables over one connection. A write session lives as long as the writer.
#pragma once

#include "gateway/store/session.hpp"
#include "gateway/store/sql/access_tables.hpp"
#include "gateway/store/sql/accounts_tables.hpp"
#include "gateway/store/sql/attempts_table.hpp"
#include "gateway/store/sql/audit_table.hpp"
#include "gateway/store/sql/connection.hpp"
#include "gateway/store/sql/consent_tables.hpp"
#include "gateway/store/sql/counters_table.hpp"
#include "gateway/store/sql/dead_letters_table.hpp"
#include "gateway/store/sql/erasures_table.hpp"
#include "gateway/store/sql/grants_table.hpp"
#include "gateway/store/sql/identity_table.hpp"
#include "gateway/store/sql/inbox_table.hpp"
#include "gateway/store/sql/ledger_position_table.hpp"
#include "gateway/store/sql/nodes_table.hpp"
#include "gateway/store/sql/outbox_table.hpp"
#include "gateway/store/sql/overview_reads.hpp"
#include "gateway/store/sql/person_rows_table.hpp"
#include "gateway/store/sql/propagation_table.hpp"
#include "gateway/store/sql/quality_table.hpp"
#include "gateway/store/sql/records_table.hpp"
#include "gateway/store/sql/remote_ids_table.hpp"
#include "gateway/store/sql/sealed_notes_table.hpp"
#include "gateway/store/sql/subject_tables.hpp"
#include "gateway/store/sql/sync_tables.hpp"
#include "gateway/store/sql/vault_tables.hpp"
#include "gateway/store/sql/watch_tables.hpp"
#include "gateway/store/sql/withheld_table.hpp"

namespace tributary::store {

class SqlReadSession final : public ReadSession {
  public:
    SqlReadSession(Connection& connection, DeadLetterLimits limits);
    InboxView& inbox() override { return inbox_; }
    RecordsView& records() override { return records_; }
    IdentityView& identity() override { return identity_; }
    RemoteIdsView& remote_ids() override { return remote_ids_; }
    OutboxView& outbox() override { return outbox_; }
    WithheldView& withheld() override { return withheld_; }
    DeadLettersView& dead_letters() override { return dead_letters_; }
    AttemptsView& attempts() override { return attempts_; }
    CheckpointsView& checkpoints() override { return checkpoints_; }
    JobsView& jobs() override { return jobs_; }
    LeasesView& leases() override { return leases_; }
    ConsentEventsView& consent_events() override { return consent_events_; }
    SuppressionsView& suppressions() override { return suppressions_; }
    DisclosuresView& disclosures() override { return disclosures_; }
    ErasuresView& erasures() override { return erasures_; }
    PersonRowsView& person_rows() override { return person_rows_; }
    SubjectRequestsView& subject_requests() override { return subject_requests_; }
    SubjectMarksView& subject_marks() override { return subject_marks_; }
    RemaindersView& remainders() override { return remainders_; }
    PropagationView& propagation() override { return propagation_; }
    LedgerPositionView& ledger_position() override { return ledger_position_; }
    KeysView& keys() override { return keys_; }
    SecretsView& secrets() override { return secrets_; }
    GrantsView& grants() override { return grants_; }
    AuditLogView& audit() override { return audit_; }
    QualityView& quality() override { return quality_; }
    CountersView& counters() override { return counters_; }
    AccountsView& accounts() override { return accounts_; }
    ApprovalsView& approvals() override { return approvals_; }
    IdempotencyView& idempotency() override { return idempotency_; }
    AlertsView& alerts() override { return alerts_; }
    MarksView& marks() override { return marks_; }
    NodesView& nodes() override { return nodes_; }
    OverviewView& overview() override { return overview_; }
    SealedNotesView& sealed_notes() override { return sealed_notes_; }

    // One snapshot from the first read after begin() to end().
    Result<void> begin() { return connection_.begin_read(); }
    Result<void> end() { return connection_.commit(); }

  private:
    Connection& connection_;
    InboxReads inbox_;
    RecordsReads records_;
    IdentityReads identity_;
    RemoteIdsReads remote_ids_;
    OutboxReads outbox_;
    WithheldReads withheld_;
    DeadLettersReads dead_letters_;
    AttemptsReads attempts_;
    CheckpointsReads checkpoints_;
    JobsReads jobs_;
    LeasesReads leases_;
    ConsentEventsReads consent_events_;
    SuppressionsReads suppressions_;
    DisclosuresReads disclosures_;
    ErasuresReads erasures_;
    PersonRowsReads person_rows_;
    SubjectRequestsReads subject_requests_;
    SubjectMarksReads subject_marks_;
    RemaindersReads remainders_;
    PropagationReads propagation_;
    LedgerPositionReads ledger_position_;
    KeysReads keys_;
    SecretsReads secrets_;
    GrantsReads grants_;
    AuditReads audit_;
    QualityReads quality_;
    CountersReads counters_;
    AccountsReads accounts_;
    ApprovalsReads approvals_;
    IdempotencyReads idempotency_;
    AlertsReads alerts_;
    MarksReads marks_;
    NodesReads nodes_;
    OverviewReads overview_;
    SealedNotesReads sealed_notes_;
};

class SqlSession final : public Session {
  public:
    SqlSession(Connection& connection, DeadLetterLimits limits);
    InboxTable& inbox() override { return inbox_; }
    Records& records() override { return records_; }
    Identity& identity() override { return identity_; }
    RemoteIds& remote_ids() override { return remote_ids_; }
    OutboxTable& outbox() override { return outbox_; }
    Withheld& withheld() override { return withheld_; }
    DeadLetters& dead_letters() override { return dead_letters_; }
    Attempts& attempts() override { return attempts_; }
    Checkpoints& checkpoints() override { return checkpoints_; }
    Jobs& jobs() override { return jobs_; }
    LeasesTable& leases() override { return leases_; }
    ConsentEvents& consent_events() override { return consent_events_; }
    Suppressions& suppressions() override { return suppressions_; }
    Disclosures& disclosures() override { return disclosures_; }
    Erasures& erasures() override { return erasures_; }
    PersonRows& person_rows() override { return person_rows_; }
    SubjectRequests& subject_requests() override { return subject_requests_; }
    SubjectMarks& subject_marks() override { return subject_marks_; }
    Remainders& remainders() override { return remainders_; }
    Propagation& propagation() override { return propagation_; }
    LedgerPositions& ledger_position() override { return ledger_position_; }
    Keys& keys() override { return keys_; }
    Secrets& secrets() override { return secrets_; }
    Grants& grants() override { return grants_; }
    AuditLog& audit() override { return audit_; }
    Quality& quality() override { return quality_; }
    Counters& counters() override { return counters_; }
    Accounts& accounts() override { return accounts_; }
    Approvals& approvals() override { return approvals_; }
    Idempotency& idempotency() override { return idempotency_; }
    Alerts& alerts() override { return alerts_; }
    Marks& marks() override { return marks_; }
    Nodes& nodes() override { return nodes_; }
    OverviewView& overview() override { return overview_; }
    SealedNotes& sealed_notes() override { return sealed_notes_; }

    Result<void> begin();
    Result<void> commit();
    void roll_back();
    // A rollback point for one write. After leave() or roll_back_to_mark() it is gone.
    Result<void> mark() { return connection_.mark(); }
    Result<void> leave_mark() { return connection_.leave_mark(); }
    Result<void> roll_back_to_mark();

  private:
    // What the tables keep in memory may come from what was undone, or be behind what another process wrote.
    void forget();

    Connection& connection_;
    // Those that others write through come first.
    CountersTable counters_;
    AttemptsTable attempts_;
    DeadLettersTable dead_letters_;
    InboxTable inbox_;
    RecordsTable records_;
    IdentityTable identity_;
    RemoteIdsTable remote_ids_;
    OutboxTable outbox_;
    WithheldTable withheld_;
    CheckpointsTable checkpoints_;
    JobsTable jobs_;
    LeasesTable leases_;
    ConsentEventsTable consent_events_;
    SuppressionsTable suppressions_;
    DisclosuresTable disclosures_;
    ErasuresTable erasures_;
    PersonRowsTable person_rows_;
    SubjectRequestsTable subject_requests_;
    SubjectMarksTable subject_marks_;
    RemaindersTable remainders_;
    PropagationTable propagation_;
    LedgerPositionTable ledger_position_;
    KeysTable keys_;
    SecretsTable secrets_;
    GrantsTable grants_;
    AuditTable audit_;
    QualityTable quality_;
    AccountsTable accounts_;
    ApprovalsTable approvals_;
    IdempotencyTable idempotency_;
    AlertsTable alerts_;
    MarksTable marks_;
    NodesTable nodes_;
    OverviewReads overview_;
    SealedNotesTable sealed_notes_;
};

}  // namespace tributary::store
