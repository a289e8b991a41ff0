#include "gateway/flow/restored_rows.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace tributary::flow;

TEST_CASE("of who was erased since the backup no row comes back, of others each", "[restore][req24]") {
    const auto numbered = [](std::uint8_t number) {
        Uid uid;
        uid.bytes[15] = number;
        return uid;
    };
    const auto bytes = [&](std::uint8_t number) { return store::Bytes{std::string(numbered(number).view())}; };
    std::vector<LedgerLine> ledger;
    ledger.push_back({store::Erasure{.request = numbered(1), .subject = numbered(10)}, ""});  // the backup knows it
    ledger.push_back({store::Erasure{.request = numbered(2), .subject = numbered(11)}, ""});
    ledger.push_back({store::Erasure{.request = numbered(3), .subject = numbered(12), .readmitted = true}, ""});
    RestoredRows rows(ledger, {std::string(numbered(30).view())});
    const auto keeps = [&](std::string name, std::vector<std::string> columns, const store::Cells& cells) {
        rows.table({std::move(name), std::move(columns)});
        return rows.keeps(cells);
    };
    CHECK(keeps("erasure", {"seq", "request", "subject"}, {std::int64_t{1}, bytes(1), bytes(10)}));
    const std::vector<std::string> record{"id", "uid", "subject"};
    CHECK(keeps("source_record", record, {std::int64_t{1}, bytes(100), bytes(10)}));
    CHECK_FALSE(keeps("source_record", record, {std::int64_t{2}, bytes(101), bytes(11)}));
    CHECK_FALSE(keeps("source_record", record, {std::int64_t{3}, bytes(102), bytes(11)}));
    CHECK(keeps("source_record", record, {std::int64_t{4}, bytes(103), bytes(12)}));
    CHECK(keeps("source_record", record, {std::int64_t{5}, bytes(104), std::monostate()}));
    rows.table({"identity_link", {"record", "customer"}});
    CHECK(rows.keeps({bytes(100), bytes(40)}));
    CHECK_FALSE(rows.keeps({bytes(101), bytes(40)}));
    CHECK_FALSE(rows.keeps({bytes(102), bytes(41)}));
    rows.table({"customer", {"uid"}});
    CHECK(rows.keeps({bytes(40)}));  // has another record
    CHECK_FALSE(rows.keeps({bytes(41)}));
    CHECK_FALSE(keeps("item", {"record", "customer", "subject"}, {bytes(1), bytes(2), bytes(11)}));
    CHECK_FALSE(keeps("attempt", {"record", "customer"}, {std::monostate(), bytes(41)}));
    CHECK_FALSE(keeps("identity_key", {"key", "record"}, {bytes(5), bytes(101)}));
    CHECK_FALSE(keeps("remote_id", {"local", "remote"}, {bytes(102), std::string("r")}));
    CHECK_FALSE(keeps("manual_pair", {"a", "b"}, {bytes(100), bytes(102)}));
    CHECK_FALSE(keeps("subject_key", {"subject", "wrapped"}, {bytes(11), bytes(1)}));
    CHECK(keeps("subject_key", {"subject", "wrapped"}, {bytes(10), bytes(1)}));
    CHECK(keeps("consent_event", {"subject"}, {bytes(11)}));
    CHECK(keeps("name", {"text"}, {std::string("webshop")}));
    CHECK_FALSE(keeps("item", {"record", "op_key"}, {bytes(1), bytes(30)}));
    CHECK(keeps("item", {"record", "op_key"}, {bytes(1), bytes(31)}));
    CHECK(rows.delivered() == 1);
    CHECK(rows.left_out() == 12);
    CHECK(rows.subjects() == 1);
}
