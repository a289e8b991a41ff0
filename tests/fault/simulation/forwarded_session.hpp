// ForwardedSession: passes everything on to a real session. A guard is broken by overriding what it rests on.
#pragma once

#include "gateway/store/session.hpp"

namespace tributary::simulation {

class ForwardedSession : public store::Session {
  public:
    explicit ForwardedSession(store::Session& to) : to_(to) {}
    store::Inbox& inbox() override { return to_.inbox(); }
    store::Records& records() override { return to_.records(); }
    store::Identity& identity() override { return to_.identity(); }
    store::RemoteIds& remote_ids() override { return to_.remote_ids(); }
    store::Outbox& outbox() override { return to_.outbox(); }
    store::Withheld& withheld() override { return to_.withheld(); }
    store::DeadLetters& dead_letters() override { return to_.dead_letters(); }
    store::Attempts& attempts() override { return to_.attempts(); }
    store::Checkpoints& checkpoints() override { return to_.checkpoints(); }
    store::Jobs& jobs() override { return to_.jobs(); }
    store::Leases& leases() override { return to_.leases(); }
    store::ConsentEvents& consent_events() override { return to_.consent_events(); }
    store::Suppressions& suppressions() override { return to_.suppressions(); }
    store::Disclosures& disclosures() override { return to_.disclosures(); }
    store::Erasures& erasures() override { return to_.erasures(); }
    store::PersonRows& person_rows() override { return to_.person_rows(); }
    store::SubjectRequests& subject_requests() override { return to_.subject_requests(); }
    store::SubjectMarks& subject_marks() override { return to_.subject_marks(); }
    store::Remainders& remainders() override { return to_.remainders(); }
    store::Propagation& propagation() override { return to_.propagation(); }
    store::LedgerPositions& ledger_position() override { return to_.ledger_position(); }
    store::Keys& keys() override { return to_.keys(); }
    store::Secrets& secrets() override { return to_.secrets(); }
    store::Grants& grants() override { return to_.grants(); }
    store::AuditLog& audit() override { return to_.audit(); }
    store::Quality& quality() override { return to_.quality(); }
    store::Counters& counters() override { return to_.counters(); }
    store::Accounts& accounts() override { return to_.accounts(); }
    store::Approvals& approvals() override { return to_.approvals(); }
    store::Idempotency& idempotency() override { return to_.idempotency(); }
    store::Alerts& alerts() override { return to_.alerts(); }
    store::Marks& marks() override { return to_.marks(); }
    store::Nodes& nodes() override { return to_.nodes(); }
    store::OverviewView& overview() override { return to_.overview(); }
    store::SealedNotes& sealed_notes() override { return to_.sealed_notes(); }

  private:
    store::Session& to_;
};

class ForwardedReads : public store::ReadSession {
  public:
    explicit ForwardedReads(store::ReadSession& to) : to_(to) {}
    store::InboxView& inbox() override { return to_.inbox(); }
    store::RecordsView& records() override { return to_.records(); }
    store::IdentityView& identity() override { return to_.identity(); }
    store::RemoteIdsView& remote_ids() override { return to_.remote_ids(); }
    store::OutboxView& outbox() override { return to_.outbox(); }
    store::WithheldView& withheld() override { return to_.withheld(); }
    store::DeadLettersView& dead_letters() override { return to_.dead_letters(); }
    store::AttemptsView& attempts() override { return to_.attempts(); }
    store::CheckpointsView& checkpoints() override { return to_.checkpoints(); }
    store::JobsView& jobs() override { return to_.jobs(); }
    store::LeasesView& leases() override { return to_.leases(); }
    store::ConsentEventsView& consent_events() override { return to_.consent_events(); }
    store::SuppressionsView& suppressions() override { return to_.suppressions(); }
    store::DisclosuresView& disclosures() override { return to_.disclosures(); }
    store::ErasuresView& erasures() override { return to_.erasures(); }
    store::PersonRowsView& person_rows() override { return to_.person_rows(); }
    store::SubjectRequestsView& subject_requests() override { return to_.subject_requests(); }
    store::SubjectMarksView& subject_marks() override { return to_.subject_marks(); }
    store::RemaindersView& remainders() override { return to_.remainders(); }
    store::PropagationView& propagation() override { return to_.propagation(); }
    store::LedgerPositionView& ledger_position() override { return to_.ledger_position(); }
    store::KeysView& keys() override { return to_.keys(); }
    store::SecretsView& secrets() override { return to_.secrets(); }
    store::GrantsView& grants() override { return to_.grants(); }
    store::AuditLogView& audit() override { return to_.audit(); }
    store::QualityView& quality() override { return to_.quality(); }
    store::CountersView& counters() override { return to_.counters(); }
    store::AccountsView& accounts() override { return to_.accounts(); }
    store::ApprovalsView& approvals() override { return to_.approvals(); }
    store::IdempotencyView& idempotency() override { return to_.idempotency(); }
    store::AlertsView& alerts() override { return to_.alerts(); }
    store::MarksView& marks() override { return to_.marks(); }
    store::NodesView& nodes() override { return to_.nodes(); }
    store::OverviewView& overview() override { return to_.overview(); }
    store::SealedNotesView& sealed_notes() override { return to_.sealed_notes(); }

  private:
    store::ReadSession& to_;
};

}  // namespace tributary::simulation
