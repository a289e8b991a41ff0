#include "tests/contract/store/access_contract.hpp"
#include "tests/contract/store/evidence_contract.hpp"
#include "tests/contract/store/grants_contract.hpp"
#include "tests/contract/store/identity_contract.hpp"
#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/outbox_contract.hpp"
#include "tests/contract/store/propagation_contract.hpp"
#include "tests/contract/store/records_contract.hpp"
#include "tests/contract/store/settling_contract.hpp"
#include "tests/contract/store/sync_contract.hpp"
#include "tests/contract/store/transaction_contract.hpp"
#include "tests/contract/store/waiting_contract.hpp"
#include "tests/contract/store/watch_contract.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary::contract;

TEST_CASE("sqlite keeps the contract of the inbox", "[store]") {
    SqliteEngine engine;
    check_inbox(engine);
}

TEST_CASE("sqlite keeps the contract of records", "[store]") {
    SqliteEngine engine;
    check_records(engine);
}

TEST_CASE("sqlite keeps the contract of identity", "[store]") {
    SqliteEngine engine;
    check_identity(engine);
}

TEST_CASE("sqlite keeps the contract of lanes", "[store]") {
    SqliteEngine engine;
    check_lanes(engine);
}

TEST_CASE("sqlite keeps the contract of settling", "[store]") {
    SqliteEngine engine;
    check_settling(engine);
}

TEST_CASE("sqlite keeps the contract of lane leases", "[store]") {
    SqliteEngine engine;
    check_leases_of_lanes(engine);
}

TEST_CASE("sqlite keeps the contract of dead letters", "[store]") {
    SqliteEngine engine;
    check_dead_letters(engine);
}

TEST_CASE("sqlite keeps the limit of dead letters", "[store]") {
    SqliteEngine engine;
    engine.options.dead_letter_limit = 20;
    engine.options.dead_letter_alert = 15;
    check_dead_letter_limit(engine);
}

TEST_CASE("sqlite keeps the contract of withheld records", "[store]") {
    SqliteEngine engine;
    check_withheld(engine);
}

TEST_CASE("sqlite keeps the contract of counters", "[store]") {
    SqliteEngine engine;
    check_counters(engine);
}

TEST_CASE("sqlite keeps the contract of sync state", "[store]") {
    SqliteEngine engine;
    check_sync_state(engine);
}

TEST_CASE("sqlite keeps the contract of consent state", "[store]") {
    SqliteEngine engine;
    check_consent_state(engine);
}

TEST_CASE("sqlite keeps the contract of the erasure ledger", "[store]") {
    SqliteEngine engine;
    check_erasures(engine);
}

TEST_CASE("sqlite keeps the contract of requests of subjects", "[store]") {
    SqliteEngine engine;
    check_subjects(engine);
}

TEST_CASE("sqlite keeps the contract of what it holds about a person", "[store]") {
    SqliteEngine engine;
    check_person_rows(engine);
}

TEST_CASE("sqlite keeps the contract of propagation tasks", "[store]") {
    SqliteEngine engine;
    check_propagation(engine);
}

TEST_CASE("sqlite keeps the contract of the vault's state", "[store]") {
    SqliteEngine engine;
    check_vault_state(engine);
}

TEST_CASE("sqlite keeps the contract of grants", "[store]") {
    SqliteEngine engine;
    check_grants(engine);
}

TEST_CASE("sqlite keeps the contract of the audit log", "[store]") {
    SqliteEngine engine;
    check_audit(engine);
}

TEST_CASE("sqlite keeps the contract of transactions", "[store]") {
    SqliteEngine engine;
    check_transactions(engine);
}

TEST_CASE("sqlite keeps the contract of accounts, approvals and kept answers", "[store]") {
    SqliteEngine engine;
    check_access(engine);
}

TEST_CASE("sqlite keeps the contract of alerts", "[store]") {
    SqliteEngine engine;
    check_alerts(engine);
}

TEST_CASE("sqlite keeps the contract of marks", "[store]") {
    SqliteEngine engine;
    check_marks(engine);
}

TEST_CASE("sqlite keeps the contract of the overview", "[store]") {
    SqliteEngine engine;
    check_overview(engine);
}
