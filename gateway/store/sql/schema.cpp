#include "gateway/store/sql/schema.hpp"

#include <array>
#include <string>

namespace tributary::store {
namespace {

// Rowid tables for wide rows, WITHOUT ROWID for narrow ones: 1 KB rows in a clustered key are half as fast. No foreign
// keys: rows are only put together by the code here. Times are milliseconds since 1970 UTC. Columns that are looked at
// often stand before wide ones, so that no overflow page is read for them.
constexpr const char* kInbound = R"(
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

-- Bodies are never updated: what changes about one stands in inbox_work, from its first claim on.
CREATE TABLE inbox (id INTEGER PRIMARY KEY, connection INTEGER NOT NULL, received_at INTEGER NOT NULL, dedup_key BLOB NOT NULL,
    topic TEXT NOT NULL, headers BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE inbox_seen (connection INTEGER NOT NULL, dedup_key BLOB NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY (connection, dedup_key)) WITHOUT ROWID;
CREATE TABLE inbox_work (id INTEGER PRIMARY KEY, due_at INTEGER NOT NULL, claims INTEGER NOT NULL, error TEXT NOT NULL);
CREATE INDEX inbox_work_due ON inbox_work (due_at);

CREATE TABLE source_record (id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, connection INTEGER NOT NULL, stream INTEGER NOT NULL,
    external_id TEXT NOT NULL, entity INTEGER NOT NULL, hash BLOB NOT NULL, version INTEGER NOT NULL, deleted INTEGER NOT NULL,
    subject BLOB, observed_at INTEGER NOT NULL, mapping_version INTEGER NOT NULL, clear TEXT NOT NULL, sealed BLOB NOT NULL,
    UNIQUE (connection, stream, external_id));

CREATE TABLE identity_key (key BLOB NOT NULL, record BLOB NOT NULL, PRIMARY KEY (key, record)) WITHOUT ROWID;
CREATE INDEX identity_key_record ON identity_key (record);
CREATE TABLE identity_link (record BLOB PRIMARY KEY, customer BLOB NOT NULL, decided_at INTEGER NOT NULL, evidence TEXT NOT NULL)
    WITHOUT ROWID;
CREATE INDEX identity_link_customer ON identity_link (customer);
CREATE TABLE manual_pair (a BLOB NOT NULL, b BLOB NOT NULL, rule INTEGER NOT NULL, decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX manual_pair_b ON manual_pair (b);
CREATE TABLE customer (uid BLOB PRIMARY KEY, golden_hash BLOB NOT NULL, version INTEGER NOT NULL, updated_at INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE customer_alias (merged BLOB PRIMARY KEY, survivor BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE remote_id (connection INTEGER NOT NULL, entity INTEGER NOT NULL, local BLOB NOT NULL, remote TEXT NOT NULL,
    PRIMARY KEY (connection, entity, local)) WITHOUT ROWID;
CREATE UNIQUE INDEX remote_id_remote ON remote_id (connection, entity, remote);

CREATE TABLE checkpoint (connection INTEGER NOT NULL, stream INTEGER NOT NULL, cursor TEXT NOT NULL, state TEXT NOT NULL,
    updated_at INTEGER NOT NULL, PRIMARY KEY (connection, stream)) WITHOUT ROWID;
CREATE TABLE job_run (id INTEGER PRIMARY KEY AUTOINCREMENT, connection INTEGER NOT NULL, stream INTEGER NOT NULL,
    started_at INTEGER NOT NULL, ended_at INTEGER, records INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', cursor TEXT NOT NULL DEFAULT '');
CREATE INDEX job_run_stream ON job_run (connection, stream);
CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT NOT NULL, token INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
)";

constexpr const char* kOutbound = R"(
CREATE TABLE destination (name INTEGER PRIMARY KEY, paused INTEGER NOT NULL, reason TEXT NOT NULL, until INTEGER,
    since INTEGER NOT NULL);
-- lease_until is NULL while nobody holds the lane; head_at is the created_at of its oldest item.
CREATE TABLE lane (id INTEGER PRIMARY KEY, destination INTEGER NOT NULL, lane_key TEXT NOT NULL, next_seq INTEGER NOT NULL,
    depth INTEGER NOT NULL, next_run_at INTEGER NOT NULL, head_at INTEGER NOT NULL, lease_until INTEGER,
    owner TEXT NOT NULL DEFAULT '', epoch INTEGER NOT NULL DEFAULT 0, fail_count INTEGER NOT NULL DEFAULT 0,
    first_failed_at INTEGER, expired_count INTEGER NOT NULL DEFAULT 0, killed_count INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', UNIQUE (destination, lane_key));
CREATE INDEX lane_ready ON lane (destination, next_run_at) WHERE lease_until IS NULL AND depth > 0 AND blocked = 0;
CREATE INDEX lane_leased ON lane (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX lane_waiting ON lane (destination, head_at) WHERE depth > 0;
CREATE TABLE item (id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, seq INTEGER NOT NULL, entity INTEGER NOT NULL, record BLOB,
    customer BLOB, operation INTEGER NOT NULL, op_key BLOB NOT NULL, subject BLOB, origin INTEGER NOT NULL,
    mapping_version INTEGER NOT NULL, created_at INTEGER NOT NULL, supersede INTEGER NOT NULL, clear TEXT NOT NULL,
    sealed BLOB NOT NULL, UNIQUE (lane, seq));
CREATE TABLE attempt (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, destination INTEGER NOT NULL, entity INTEGER NOT NULL,
    record BLOB, customer BLOB, op_key BLOB NOT NULL, outcome INTEGER NOT NULL, detail TEXT NOT NULL, took INTEGER NOT NULL);
CREATE INDEX attempt_customer ON attempt (customer, record);

CREATE TABLE withheld (id INTEGER PRIMARY KEY AUTOINCREMENT, destination INTEGER NOT NULL, record BLOB NOT NULL, customer BLOB,
    entity INTEGER NOT NULL, operation INTEGER NOT NULL, purpose INTEGER NOT NULL, reason INTEGER NOT NULL, origin INTEGER NOT NULL,
    mapping_version INTEGER NOT NULL, since INTEGER NOT NULL, UNIQUE (destination, record));
CREATE INDEX withheld_customer ON withheld (customer);
CREATE TABLE dead_letter (id INTEGER PRIMARY KEY AUTOINCREMENT, redriven_at INTEGER, stage INTEGER NOT NULL,
    fault INTEGER NOT NULL, connection INTEGER NOT NULL, destination INTEGER NOT NULL, stream INTEGER NOT NULL,
    entity INTEGER NOT NULL, operation INTEGER NOT NULL, mapping_version INTEGER NOT NULL, first_failed_at INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL, attempts INTEGER NOT NULL, record BLOB, customer BLOB, subject BLOB, op_key BLOB NOT NULL,
    record_key TEXT NOT NULL, cause TEXT NOT NULL, clear TEXT NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX dead_letter_open ON dead_letter (destination, connection, stage) WHERE redriven_at IS NULL;
CREATE INDEX dead_letter_redriven ON dead_letter (redriven_at) WHERE redriven_at IS NOT NULL;
CREATE INDEX dead_letter_customer ON dead_letter (customer);
)";

constexpr const char* kEvidence = R"(
CREATE TABLE consent_event (seq INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL UNIQUE, subject BLOB NOT NULL,
    purpose INTEGER NOT NULL, event_at INTEGER NOT NULL, received_at INTEGER NOT NULL, body TEXT NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX consent_event_subject ON consent_event (subject);
CREATE TABLE suppression (key BLOB PRIMARY KEY, reason TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE disclosure (subject BLOB NOT NULL, purpose INTEGER NOT NULL, destination INTEGER NOT NULL, external_id TEXT NOT NULL,
    fields BLOB NOT NULL, first_sent_at INTEGER NOT NULL, last_sent_at INTEGER NOT NULL,
    PRIMARY KEY (subject, purpose, destination, external_id)) WITHOUT ROWID;

CREATE TABLE subject_key (subject BLOB PRIMARY KEY, kek BLOB NOT NULL, wrapped BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE secret (name TEXT PRIMARY KEY, version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    owner TEXT NOT NULL, connector TEXT NOT NULL, allowed_hosts TEXT NOT NULL, fields TEXT NOT NULL, wrapped_key BLOB NOT NULL,
    sealed BLOB NOT NULL);
CREATE TABLE audit (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL, leaf BLOB NOT NULL, chain BLOB NOT NULL);

CREATE TABLE quality (kind INTEGER NOT NULL, connection INTEGER NOT NULL, stream INTEGER NOT NULL, path TEXT NOT NULL,
    code TEXT NOT NULL, count INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (kind, connection, stream, path, code)) WITHOUT ROWID;
CREATE TABLE counter (counter INTEGER NOT NULL, name INTEGER NOT NULL, stream INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (counter, name, stream)) WITHOUT ROWID;
)";

// `source` stands before the wide columns, so the table is laid anew.
constexpr const char* kSourceOfRecords = R"(
CREATE TABLE record_with_source (id INTEGER PRIMARY KEY, uid BLOB NOT NULL UNIQUE, connection INTEGER NOT NULL, stream INTEGER NOT NULL,
    external_id TEXT NOT NULL, entity INTEGER NOT NULL, hash BLOB NOT NULL, source BLOB NOT NULL, version INTEGER NOT NULL,
    deleted INTEGER NOT NULL, subject BLOB, observed_at INTEGER NOT NULL, mapping_version INTEGER NOT NULL, clear TEXT NOT NULL,
    sealed BLOB NOT NULL, UNIQUE (connection, stream, external_id));
INSERT INTO record_with_source SELECT id, uid, connection, stream, external_id, entity, hash, zeroblob(32), version, deleted,
    subject, observed_at, mapping_version, clear, sealed FROM source_record ORDER BY id;
DROP TABLE source_record;
ALTER TABLE record_with_source RENAME TO source_record;
)";

// Who renews which tokens: see vault/grant.hpp.
constexpr const char* kGrants = R"(
CREATE TABLE cred_state (name TEXT PRIMARY KEY, version INTEGER NOT NULL, phase INTEGER NOT NULL, mark TEXT NOT NULL,
    lease_owner TEXT NOT NULL, fence INTEGER NOT NULL, lease_until INTEGER NOT NULL, changed_at INTEGER NOT NULL,
    error TEXT NOT NULL) WITHOUT ROWID;
)";

// Signed statements of what the audit trail was: see audit/checkpoint.hpp.
constexpr const char* kAuditCheckpoints = R"(
CREATE TABLE audit_checkpoint (size INTEGER PRIMARY KEY, at INTEGER NOT NULL, parts BLOB NOT NULL, note TEXT NOT NULL);
)";

// Who was erased, as keyed hashes alone: see store/erasures.hpp.
constexpr const char* kErasures = R"(
CREATE TABLE erasure (seq INTEGER PRIMARY KEY AUTOINCREMENT, request BLOB NOT NULL, subject BLOB NOT NULL,
    readmitted INTEGER NOT NULL, at INTEGER NOT NULL, UNIQUE (subject, request, readmitted));
CREATE TABLE erasure_key (key BLOB NOT NULL, erasure INTEGER NOT NULL, PRIMARY KEY (key, erasure)) WITHOUT ROWID;
CREATE INDEX erasure_key_erasure ON erasure_key (erasure);
)";

// What people asked of their data, who is under hold or restricted, and what the law wants kept of the erased.
constexpr const char* kSubjects = R"(
CREATE TABLE subject_request (uid BLOB PRIMARY KEY, version INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    received_at INTEGER NOT NULL, due_at INTEGER NOT NULL, closed_at INTEGER, body TEXT NOT NULL, progress TEXT NOT NULL);
CREATE INDEX subject_request_open ON subject_request (due_at) WHERE closed_at IS NULL;
CREATE TABLE subject_mark (kind INTEGER NOT NULL, subject BLOB NOT NULL, basis TEXT NOT NULL, until INTEGER, by TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (kind, subject)) WITHOUT ROWID;
CREATE TABLE remainder (token BLOB PRIMARY KEY, entity INTEGER NOT NULL, basis TEXT NOT NULL, at INTEGER NOT NULL,
    kept_until INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
)";

// What destinations still have to be told: see store/propagation.hpp. next_run_at is NULL for what nobody tries again.
constexpr const char* kPropagation = R"(
CREATE TABLE propagation (id INTEGER PRIMARY KEY AUTOINCREMENT, request BLOB NOT NULL, kind INTEGER NOT NULL, subject BLOB,
    customer BLOB, destination INTEGER NOT NULL, external_id TEXT NOT NULL, purpose INTEGER NOT NULL, state INTEGER NOT NULL,
    attempts INTEGER NOT NULL, created_at INTEGER NOT NULL, next_run_at INTEGER, due_at INTEGER NOT NULL, sent_at INTEGER,
    settled_at INTEGER, error TEXT NOT NULL, note TEXT NOT NULL, sealed BLOB NOT NULL,
    UNIQUE (request, destination, external_id, purpose, kind));
CREATE INDEX propagation_due ON propagation (next_run_at) WHERE next_run_at IS NOT NULL;
CREATE INDEX propagation_open ON propagation (due_at) WHERE state <> 2;
CREATE INDEX propagation_subject ON propagation (subject);
)";

// What the ledger outside the store follows: see store/ledger_position.hpp. Suppressions themselves have no order.
constexpr const char* kOuterLedger = R"(
CREATE TABLE suppression_act (seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL);
INSERT INTO suppression_act (key, reason, at) SELECT key, reason, at FROM suppression ORDER BY at;
CREATE TABLE ledger_position (id INTEGER PRIMARY KEY, lines INTEGER NOT NULL, mac BLOB NOT NULL, consent_seq INTEGER NOT NULL,
    suppression_seq INTEGER NOT NULL, erasure_seq INTEGER NOT NULL);
)";

// Users, what opens their sessions, and what waits for a second person: see access/accounts.hpp, access/approval.hpp.
constexpr const char* kAccess = R"(
CREATE TABLE account (name TEXT PRIMARY KEY, roles TEXT NOT NULL, password TEXT NOT NULL, totp BLOB NOT NULL, totp_next BLOB NOT NULL,
    totp_step INTEGER NOT NULL, recovery TEXT NOT NULL, wrong INTEGER NOT NULL, wrong_since INTEGER NOT NULL,
    created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE api_token (id TEXT PRIMARY KEY, label TEXT NOT NULL, hash BLOB NOT NULL, owner TEXT NOT NULL, scope TEXT NOT NULL,
    addresses TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) WITHOUT ROWID;
CREATE TABLE session_token (id TEXT PRIMARY KEY, hash BLOB NOT NULL, user TEXT NOT NULL, second_factor INTEGER NOT NULL,
    created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX session_token_user ON session_token (user);
CREATE TABLE approval (id TEXT PRIMARY KEY, operation TEXT NOT NULL, arguments BLOB NOT NULL, digest TEXT NOT NULL,
    asked_by TEXT NOT NULL, asked_type TEXT NOT NULL, asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, state INTEGER NOT NULL,
    decided_by TEXT NOT NULL, decided_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE idempotency (key BLOB PRIMARY KEY, request BLOB NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
    answer BLOB NOT NULL) WITHOUT ROWID;
)";

// What the watch found, and small facts: see alerts.hpp and marks.hpp.
constexpr const char* kWatch = R"(
CREATE TABLE alert (id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, subject TEXT NOT NULL, severity TEXT NOT NULL,
    what TEXT NOT NULL, opened_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL, told_at INTEGER,
    acked_at INTEGER, acked_by TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX alert_newest ON alert (rule, subject, id);
CREATE INDEX alert_open ON alert (rule) WHERE acked_at IS NULL;
CREATE TABLE alert_total (rule TEXT PRIMARY KEY, raised INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)";

// Keys of the ring that nothing may be wrapped or sealed with any more: see store/keys.hpp.
constexpr const char* kRetiredKeys = R"(
CREATE TABLE retired_key (id BLOB PRIMARY KEY) WITHOUT ROWID;
)";

// Gateways on one store, and the change of their configuration: see nodes.hpp.
constexpr const char* kNodes = R"(
CREATE TABLE node (id TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started_at INTEGER NOT NULL,
    until INTEGER NOT NULL, generation TEXT NOT NULL, answered INTEGER NOT NULL, refusal TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE configuration_change (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, generation TEXT NOT NULL,
    proposed_by TEXT NOT NULL, until INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL);
)";

// A position for each gateway on one store. The one before stays for gateways that run on while the first of this
// version has started; the version after this one may drop it.
constexpr const char* kLedgers = R"(
CREATE TABLE outer_ledger (ledger TEXT PRIMARY KEY, lines INTEGER NOT NULL, mac BLOB NOT NULL, consent_seq INTEGER NOT NULL,
    suppression_seq INTEGER NOT NULL, erasure_seq INTEGER NOT NULL);
INSERT INTO outer_ledger SELECT '', lines, mac, consent_seq, suppression_seq, erasure_seq FROM ledger_position;
)";

const std::string& first_schema() {
    static const std::string sql = std::string(kInbound) + kOutbound + kEvidence;
    return sql;
}

}  // namespace

std::span<const char* const> migrations() {
    static const std::array<const char*, 13> steps{
        first_schema().c_str(), kSourceOfRecords, kGrants, kAuditCheckpoints, kErasures, kSubjects, kPropagation,
        kOuterLedger,           kAccess,          kWatch,  kRetiredKeys,      kNodes,    kLedgers};
    return steps;
}

}  // namespace tributary::store
