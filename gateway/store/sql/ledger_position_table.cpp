#include "gateway/store/sql/ledger_position_table.hpp"

namespace tributary::store {
namespace {

constexpr const char* kGetPosition =
    "SELECT lines, mac, consent_seq, suppression_seq, erasure_seq FROM outer_ledger WHERE ledger = ?1";
constexpr const char* kPutPosition =
    "INSERT INTO outer_ledger (ledger, lines, mac, consent_seq, suppression_seq, erasure_seq) VALUES (?1, ?2, ?3, "
    "?4, ?5, ?6) ON CONFLICT (ledger) DO UPDATE SET lines = excluded.lines, mac = excluded.mac, consent_seq = "
    "excluded.consent_seq, suppression_seq = excluded.suppression_seq, erasure_seq = excluded.erasure_seq";

}  // namespace

LedgerPositionReads::LedgerPositionReads(Connection& connection) : get_(connection, kGetPosition) {}

Result<LedgerPosition> LedgerPositionReads::get(const std::string& ledger) {
    LedgerPosition position;
    CHECK_OK(get_.first(
        [&](const Row& row) {
            row.read(position.lines, position.mac, position.consent_seq, position.suppression_seq,
                     position.erasure_seq);
        },
        ledger));
    return position;
}

LedgerPositionTable::LedgerPositionTable(Connection& connection)
    : LedgerPositionReads(connection), put_(connection, kPutPosition) {}

Result<void> LedgerPositionTable::put(const std::string& ledger, const LedgerPosition& position) {
    CHECK_OK(put_.run(ledger, position.lines, Blob{position.mac}, position.consent_seq, position.suppression_seq,
                      position.erasure_seq));
    return {};
}

}  // namespace tributary::store
