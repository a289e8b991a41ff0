#pragma once

#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline store::RecordRow record(std::uint32_t number, const std::string& stream = "customers") {
    store::RecordRow row;
    row.header.uid = uid(number);
    row.header.hash = digest(number);
    row.header.subject = uid(number + 1'000'000);
    row.key = {"erp", stream, "id-" + std::to_string(number)};
    row.entity = stream == "customers" ? "contact" : "order";
    row.clear = R"({"n":)" + std::to_string(number) + "}";
    row.sealed = std::string("sealed\0bytes", 12);
    row.observed_at = at(number);
    row.mapping_version = "v1";
    return row;
}

inline std::vector<store::RecordHeader> put_records(store::Store& store, std::vector<store::RecordRow> rows) {
    return write(store, [&](store::Session& s) { return s.records().put(rows); });
}

inline void check_records(Engine& engine) {
    auto store = engine.open();
    const auto find = [&](std::uint32_t number) {
        const std::vector keys{record(number).key};
        return read(*store, [&](store::ReadSession& s) { return s.records().find(keys); }).front();
    };

    SECTION("a new record has version 1 and comes back whole") {
        const auto headers = put_records(*store, {record(1), record(2)});
        CHECK(headers[0].version == 1);
        const std::vector uids{uid(2), uid(99), uid(1)};
        const auto rows = read(*store, [&](store::ReadSession& s) { return s.records().load(uids); });
        REQUIRE(rows.size() == 3);
        REQUIRE(rows[0]);
        CHECK_FALSE(rows[1]);
        const auto& row = *rows[2];
        CHECK(row.header.hash == digest(1));
        CHECK(row.header.subject == uid(1'000'001));
        CHECK(row.key.connection == "erp");
        CHECK(row.key.stream == "customers");
        CHECK(row.key.external_id == "id-1");
        CHECK(row.entity == "contact");
        CHECK(row.clear == R"({"n":1})");
        CHECK(row.sealed == std::string("sealed\0bytes", 12));
        CHECK(row.observed_at == at(1));
        CHECK(row.mapping_version == "v1");
        const std::vector keys{record(2).key};
        CHECK(read(*store, [&](store::ReadSession& s) { return s.records().load(keys); })[0]->header.uid == uid(2));
    }
    SECTION("many records go in at once, and come back in the order of the questions") {
        constexpr std::uint32_t kMany = 1300;
        std::vector<store::RecordRow> rows;
        for (std::uint32_t n = 0; n < kMany; ++n) rows.push_back(record(n));
        const auto headers = put_records(*store, rows);
        std::vector<store::RecordKey> keys;
        for (std::uint32_t n = kMany; n-- > 0;) keys.push_back(record(n).key);
        keys.push_back(record(kMany).key);
        keys.push_back({"unknown", "unknown", "unknown"});
        const auto found = read(*store, [&](store::ReadSession& s) { return s.records().find(keys); });
        REQUIRE(found.size() == kMany + 2);
        bool same = true;
        for (std::uint32_t n = 0; n < kMany; ++n)
            same = same && found[n] && found[n]->uid == uid(kMany - 1 - n) && found[n]->id == headers[kMany - 1 - n].id;
        CHECK(same);
        CHECK_FALSE(found[kMany]);
        CHECK_FALSE(found[kMany + 1]);
    }
    SECTION("when one of many fails, none goes in and the store goes on") {
        put_records(*store, {record(700)});
        std::vector<store::RecordRow> rows;
        for (std::uint32_t n = 1; n < 1300; ++n) rows.push_back(record(n));
        CHECK(failure(*store, [&](store::Session& s) { return s.records().put(rows); }).fault == Fault::conflict);
        CHECK_FALSE(find(1));
        CHECK_FALSE(find(1299));
        CHECK(put_records(*store, {record(1)})[0].version == 1);
    }
    SECTION("a change raises the version and keeps the uid") {
        auto row = record(1);
        row.header = put_records(*store, {row})[0];
        row.header.hash = digest(77);
        row.header.deleted = true;
        CHECK(put_records(*store, {row})[0].version == 2);
        const auto found = find(1);
        REQUIRE(found);
        CHECK(found->version == 2);
        CHECK(found->uid == uid(1));
        CHECK(found->hash == digest(77));
        CHECK(found->deleted);
    }
    SECTION("what a record was made of is kept, and can be told without a change of the record") {
        auto row = record(1);
        CHECK(put_records(*store, {row})[0].source == store::Digest{});
        row.header = *find(1);
        row.header.source = digest(5);
        write(*store, [&](store::Session& s) { return s.records().remember_source(std::span(&row.header, 1)); });
        CHECK(find(1)->source == digest(5));
        CHECK(find(1)->version == 1);
        row.header.hash = digest(78);
        row.header.source = digest(6);
        put_records(*store, {row});
        CHECK(find(1)->source == digest(6));
        row.header.source = digest(7);  // of version 1: too late
        write(*store, [&](store::Session& s) { return s.records().remember_source(std::span(&row.header, 1)); });
        CHECK(find(1)->source == digest(6));
    }
    SECTION("a change of a form that is no longer the newest is a conflict") {
        auto row = record(1);
        row.header = put_records(*store, {row})[0];
        put_records(*store, {row});
        const auto error = failure(*store, [&](store::Session& s) { return s.records().put(std::vector{row}); });
        CHECK(error.fault == Fault::conflict);
    }
    SECTION("the same key put as new twice is a conflict") {
        put_records(*store, {record(1)});
        auto twin = record(1);
        twin.header.uid = uid(50);
        CHECK(failure(*store, [&](store::Session& s) { return s.records().put(std::vector{twin}); }).fault ==
              Fault::conflict);
    }
    SECTION("an unknown key or connection is not found") {
        put_records(*store, {record(1)});
        CHECK_FALSE(find(2));
        const std::vector<store::RecordKey> keys{{"nowhere", "customers", "id-1"}, record(1).key};
        const auto found = read(*store, [&](store::ReadSession& s) { return s.records().find(keys); });
        CHECK_FALSE(found[0]);
        CHECK(found[1]);
    }
    SECTION("one customer's records come together") {
        put_records(*store, {record(1), record(2), record(3)});
        const std::vector<store::Link> links{{uid(3), uid(500), "{}", at(1)}, {uid(1), uid(500), "{}", at(1)}};
        write(*store, [&](store::Session& s) { return s.identity().set_links(links); });
        const auto rows = read(*store, [](store::ReadSession& s) { return s.records().by_customer(uid(500)); });
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].header.uid == uid(1));
        CHECK(rows[1].header.uid == uid(3));
    }
    SECTION("an entity is listed page by page, each record once") {
        std::vector<store::RecordRow> rows;
        for (std::uint32_t n = 1; n <= 25; ++n) rows.push_back(record(n, n % 5 == 0 ? "orders" : "customers"));
        put_records(*store, rows);
        std::vector<Uid> seen;
        for (std::int64_t after = 0;;) {
            const auto page =
                read(*store, [&](store::ReadSession& s) { return s.records().list("contact", after, 7); });
            if (page.empty()) break;
            for (const auto& row : page) seen.push_back(row.header.uid);
            after = page.back().header.id;
        }
        CHECK(seen.size() == 20);
        CHECK(std::set(seen.begin(), seen.end()).size() == 20);
        const auto counts = read(*store, [](store::ReadSession& s) { return s.records().counts(); });
        REQUIRE(counts.size() == 2);
        CHECK(counts[0].records + counts[1].records == 25);
    }
    SECTION("erasing a record removes its links, keys and pairs") {
        put_records(*store, {record(1)});
        write(*store, [&](store::Session& s) -> Result<void> {
            CHECK_OK(s.identity().set_links(std::vector<store::Link>{{uid(1), uid(500), "{}", at(1)}}));
            CHECK_OK(put_keys(s, uid(1), {digest(1)}));
            CHECK_OK(s.identity().put_pairs(std::vector<store::ManualPair>{{uid(2), uid(1), {}, "me", at(1)}}));
            return s.records().erase(std::vector{uid(1)});
        });
        CHECK_FALSE(find(1));
        const std::vector records{uid(1), uid(2)};
        CHECK_FALSE(read(*store, [&](store::ReadSession& s) { return s.identity().links_of(records); })[0]);
        CHECK(read(*store, [&](store::ReadSession& s) { return s.identity().keys_of(records); })[0].empty());
        CHECK(read(*store, [&](store::ReadSession& s) { return s.identity().pairs_of(records); }).empty());
    }
}

}  // namespace tributary::contract
