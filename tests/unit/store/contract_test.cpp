#include "tests/contract/store/access_contract.hpp"
#include "tests/contract/store/audit_contract.hpp"
#include "tests/contract/store/consent_contract.hpp"
#include "tests/contract/store/erasure_contract.hpp"
#include "tests/contract/store/grants_contract.hpp"
#include "tests/contract/store/identity_contract.hpp"
#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/nodes_contract.hpp"
#include "tests/contract/store/outbox_contract.hpp"
#include "tests/contract/store/propagation_contract.hpp"
#include "tests/contract/store/records_contract.hpp"
#include "tests/contract/store/settling_contract.hpp"
#include "tests/contract/store/sync_contract.hpp"
#include "tests/contract/store/transaction_contract.hpp"
#include "tests/contract/store/vault_contract.hpp"
#include "tests/contract/store/waiting_contract.hpp"
#include "tests/contract/store/watch_contract.hpp"
#include "tests/unit/store/postgres_engine.hpp"
#include "tests/unit/store/sqlite_engine.hpp"

using namespace tributary::contract;

TEMPLATE_TEST_CASE("every engine keeps the contract of the inbox", "[store]", SqliteEngine, PostgresEngine,
                   PooledPostgresEngine) {
    TestType engine;
    check_inbox(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of records", "[store]", SqliteEngine, PostgresEngine,
                   PooledPostgresEngine) {
    TestType engine;
    check_records(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of identity", "[store]", SqliteEngine, PostgresEngine,
                   PooledPostgresEngine) {
    TestType engine;
    check_identity(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of lanes", "[store]", SqliteEngine, PostgresEngine,
                   PooledPostgresEngine) {
    TestType engine;
    check_lanes(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of settling", "[store]", SqliteEngine, PostgresEngine,
                   PooledPostgresEngine) {
    TestType engine;
    check_settling(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of lane leases", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_leases_of_lanes(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of dead letters", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_dead_letters(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the limit of dead letters", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    engine.options.dead_letter_limit = 20;
    engine.options.dead_letter_alert = 15;
    check_dead_letter_limit(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of withheld records", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_withheld(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of counters", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_counters(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of nodes", "[store]", SqliteEngine, PostgresEngine,
                   PooledPostgresEngine) {
    TestType engine;
    check_nodes(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of sync state", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_sync_state(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of consent state", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_consent_state(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of the erasure ledger", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_erasures(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of requests of subjects", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_subjects(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of what it holds about a person", "[store]", SqliteEngine,
                   PostgresEngine) {
    TestType engine;
    check_person_rows(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of propagation tasks", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_propagation(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of the vault's state", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_vault_state(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of grants", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_grants(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of the audit log", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_audit(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of transactions", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_transactions(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of accounts, approvals and kept answers", "[store]", SqliteEngine,
                   PostgresEngine) {
    TestType engine;
    check_access(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of alerts", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_alerts(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of marks", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_marks(engine);
}

TEMPLATE_TEST_CASE("every engine keeps the contract of the overview", "[store]", SqliteEngine, PostgresEngine) {
    TestType engine;
    check_overview(engine);
}
