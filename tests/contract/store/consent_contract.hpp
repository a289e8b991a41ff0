// Consent events, suppressions and disclosures.
#pragma once

#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_consent_state(Engine& engine) {
    using namespace store;
    auto store = engine.open();

    SECTION("each outer ledger has one position, the newest") {
        const LedgerPosition position{7, std::string(32, 'm'), 3, 2, 1};
        const auto at = [&](const std::string& ledger) {
            return read(*store, [&](ReadSession& s) { return s.ledger_position().get(ledger); });
        };
        CHECK(at("") == LedgerPosition{});
        write(*store, [](Session& s) { return s.ledger_position().put("", {1, "m", 1, 0, 0}); });
        write(*store, [](Session& s) { return s.ledger_position().put("b", {2, "n", 1, 0, 0}); });
        write(*store, [&](Session& s) { return s.ledger_position().put("", position); });
        CHECK(at("") == position);
        CHECK(at("b") == LedgerPosition{2, "n", 1, 0, 0});
        CHECK(at("c") == LedgerPosition{});
    }
    SECTION("consent events are kept once, in order of arrival, by subject") {
        const auto event = [](std::uint32_t number, std::uint32_t subject, std::int64_t when) {
            return ConsentEventRow{0, uid(number), uid(subject), "marketing.email", at(when), at(50), "{}", "sealed"};
        };
        const auto put = [&](std::vector<ConsentEventRow> rows) {
            return write(*store, [&](Session& s) { return s.consent_events().put(rows); });
        };
        CHECK(put({event(1, 100, 9), event(2, 200, 1), event(3, 100, 5)}) == 3);
        const auto newest = [&] { return read(*store, [](ReadSession& s) { return s.consent_events().newest(); }); };
        const auto before = newest();
        CHECK(put({event(1, 100, 9)}) == 0);
        CHECK(newest() == before);
        CHECK(put({event(1, 100, 9), event(4, 100, 1)}) == 1);
        CHECK(newest() > before);
        const std::vector subjects{uid(200), uid(100), uid(300)};
        const auto events = read(*store, [&](ReadSession& s) { return s.consent_events().of(subjects); });
        CHECK(events[0].size() == 1);
        REQUIRE(events[1].size() == 3);
        CHECK(events[1][0].event == uid(1));
        CHECK(events[1][1].event == uid(3));
        CHECK(events[1][2].event == uid(4));
        CHECK(events[1][0].purpose == "marketing.email");
        CHECK(events[1][0].event_at == at(9));
        CHECK(events[1][0].sealed == "sealed");
        CHECK(events[2].empty());
        CHECK(read(*store, [&](ReadSession& s) { return s.consent_events().list(events[1][0].seq, 2); }).size() == 2);
    }
    SECTION("the newest act counts about a suppressed key") {
        write(*store, [](Session& s) {
            return s.suppressions().put(std::vector<Suppression>{
                {digest(1), "refused", at(1)}, {digest(1), "withdrawn", at(3)}, {digest(1), "invalidated", at(2)}});
        });
        const std::vector keys{digest(2), digest(1)};
        const auto found = read(*store, [&](ReadSession& s) { return s.suppressions().find(keys); });
        CHECK_FALSE(found[0]);
        CHECK(found[1]->reason == "withdrawn");
        CHECK(found[1]->at == at(3));
        write(*store, [](Session& s) { return s.suppressions().remove(std::vector{digest(1)}); });
        CHECK_FALSE(read(*store, [&](ReadSession& s) { return s.suppressions().find(keys); })[1]);
        const auto acts = read(*store, [](ReadSession& s) { return s.suppressions().acts(0, 10); });
        REQUIRE(acts.size() >= 2);
        CHECK(acts[0].seq < acts[1].seq);
        CHECK(read(*store, [&](ReadSession& s) { return s.suppressions().acts(acts.back().seq, 10); }).empty());
    }
    SECTION("a disclosure remembers its first and its last time") {
        const auto put = [&](std::int64_t when, std::uint32_t fields) {
            const Disclosure one{uid(1), "service.order", "crm", "17", digest(fields), at(when), at(when)};
            write(*store, [&](Session& s) { return s.disclosures().put(std::span(&one, 1)); });
        };
        put(10, 1);
        put(20, 2);
        const auto rows = read(*store, [](ReadSession& s) { return s.disclosures().of(uid(1)); });
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].first_sent_at == at(10));
        CHECK(rows[0].last_sent_at == at(20));
        CHECK(rows[0].fields == digest(2));
        CHECK(rows[0].external_id == "17");
        CHECK(read(*store, [](ReadSession& s) { return s.disclosures().of(uid(2)); }).empty());
    }
}

}  // namespace tributary::contract
