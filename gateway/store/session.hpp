// Session: the store as seen from inside one transaction, by concept. A ReadSession sees one unchanging snapshot; a
// Session also sees its own writes. Both are valid only during the closure that they are given to, on its thread.
// Strings passed in are used during the call and not kept.
#pragma once

#include "gateway/store/accounts.hpp"
#include "gateway/store/alerts.hpp"
#include "gateway/store/approvals.hpp"
#include "gateway/store/attempts.hpp"
#include "gateway/store/audit_log.hpp"
#include "gateway/store/checkpoints.hpp"
#include "gateway/store/consent_events.hpp"
#include "gateway/store/counters.hpp"
#include "gateway/store/dead_letters.hpp"
#include "gateway/store/disclosures.hpp"
#include "gateway/store/erasures.hpp"
#include "gateway/store/grants.hpp"
#include "gateway/store/idempotency.hpp"
#include "gateway/store/identity.hpp"
#include "gateway/store/inbox.hpp"
#include "gateway/store/jobs.hpp"
#include "gateway/store/keys.hpp"
#include "gateway/store/leases.hpp"
#include "gateway/store/ledger_position.hpp"
#include "gateway/store/marks.hpp"
#include "gateway/store/nodes.hpp"
#include "gateway/store/outbox.hpp"
#include "gateway/store/overview.hpp"
#include "gateway/store/person_rows.hpp"
#include "gateway/store/propagation.hpp"
#include "gateway/store/quality.hpp"
#include "gateway/store/records.hpp"
#include "gateway/store/remainders.hpp"
#include "gateway/store/remote_ids.hpp"
#include "gateway/store/sealed_notes.hpp"
#include "gateway/store/secrets.hpp"
#include "gateway/store/subject_marks.hpp"
#include "gateway/store/subject_requests.hpp"
#include "gateway/store/suppressions.hpp"
#include "gateway/store/withheld.hpp"

namespace tributary::store {

class ReadSession {
  public:
    virtual ~ReadSession() = default;
    virtual InboxView& inbox() = 0;
    virtual RecordsView& records() = 0;
    virtual IdentityView& identity() = 0;
    virtual RemoteIdsView& remote_ids() = 0;
    virtual OutboxView& outbox() = 0;
    virtual WithheldView& withheld() = 0;
    virtual DeadLettersView& dead_letters() = 0;
    virtual AttemptsView& attempts() = 0;
    virtual CheckpointsView& checkpoints() = 0;
    virtual JobsView& jobs() = 0;
    virtual LeasesView& leases() = 0;
    virtual ConsentEventsView& consent_events() = 0;
    virtual SuppressionsView& suppressions() = 0;
    virtual DisclosuresView& disclosures() = 0;
    virtual ErasuresView& erasures() = 0;
    virtual PersonRowsView& person_rows() = 0;
    virtual SubjectRequestsView& subject_requests() = 0;
    virtual SubjectMarksView& subject_marks() = 0;
    virtual RemaindersView& remainders() = 0;
    virtual PropagationView& propagation() = 0;
    virtual LedgerPositionView& ledger_position() = 0;
    virtual KeysView& keys() = 0;
    virtual SecretsView& secrets() = 0;
    virtual GrantsView& grants() = 0;
    virtual AuditLogView& audit() = 0;
    virtual QualityView& quality() = 0;
    virtual CountersView& counters() = 0;
    virtual AccountsView& accounts() = 0;
    virtual ApprovalsView& approvals() = 0;
    virtual IdempotencyView& idempotency() = 0;
    virtual AlertsView& alerts() = 0;
    virtual MarksView& marks() = 0;
    virtual NodesView& nodes() = 0;
    virtual OverviewView& overview() = 0;
    virtual SealedNotesView& sealed_notes() = 0;
};

class Session : public virtual ReadSession {
  public:
    Inbox& inbox() override = 0;
    Records& records() override = 0;
    Identity& identity() override = 0;
    RemoteIds& remote_ids() override = 0;
    Outbox& outbox() override = 0;
    Withheld& withheld() override = 0;
    DeadLetters& dead_letters() override = 0;
    Attempts& attempts() override = 0;
    Checkpoints& checkpoints() override = 0;
    Jobs& jobs() override = 0;
    Leases& leases() override = 0;
    ConsentEvents& consent_events() override = 0;
    Suppressions& suppressions() override = 0;
    Disclosures& disclosures() override = 0;
    Erasures& erasures() override = 0;
    PersonRows& person_rows() override = 0;
    SubjectRequests& subject_requests() override = 0;
    SubjectMarks& subject_marks() override = 0;
    Remainders& remainders() override = 0;
    Propagation& propagation() override = 0;
    LedgerPositions& ledger_position() override = 0;
    Keys& keys() override = 0;
    Secrets& secrets() override = 0;
    Grants& grants() override = 0;
    AuditLog& audit() override = 0;
    Quality& quality() override = 0;
    Counters& counters() override = 0;
    Accounts& accounts() override = 0;
    Approvals& approvals() override = 0;
    Idempotency& idempotency() override = 0;
    Alerts& alerts() override = 0;
    Marks& marks() override = 0;
    Nodes& nodes() override = 0;
    SealedNotes& sealed_notes() override = 0;
};

}  // namespace tributary::store
