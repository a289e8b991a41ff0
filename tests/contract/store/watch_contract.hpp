// Alerts and marks.
#pragma once

#include "tests/contract/store/lanes.hpp"

namespace tributary::contract {

inline void check_alerts(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const NewAlert disk{"disk_full", "", "critical", "5 MB are free"};
    const auto raise = [&](const NewAlert& alert, std::uint32_t now, std::uint32_t quiet_since) {
        return write(*store, [&](Session& s) { return s.alerts().raise(alert, at(now), at(quiet_since)); });
    };
    const auto list = [&](bool open) {
        return read(*store, [&](ReadSession& s) { return s.alerts().list(open, 0, 100); });
    };

    SECTION("what happens again is counted in the open row") {
        const auto first = raise(disk, 10, 0);
        const auto again = raise({"disk_full", "", "critical", "4 MB are free"}, 20, 0);
        REQUIRE((first && again));
        CHECK(first->id == again->id);
        CHECK(again->times == 2);
        CHECK(again->what == "4 MB are free");
        CHECK(again->opened_at == at(10));
        CHECK(again->last_at == at(20));
        CHECK(raise({"overdue", "crm", "warning", "late"}, 30, 0)->id != first->id);
        CHECK(raise({"overdue", "erp", "warning", "late"}, 30, 0)->times == 1);
        CHECK(list(true).size() == 3);
        CHECK(list(true).front().subject == "erp");
        const auto totals = read(*store, [](ReadSession& s) { return s.alerts().totals(); });
        REQUIRE(totals.size() == 2);
        CHECK(totals[0].rule == "disk_full");
        CHECK(totals[0].raised == 2);
        CHECK(totals[0].open == 1);
    }
    SECTION("an acknowledged one is quiet for a while, then a new row") {
        const auto id = raise(disk, 10, 0)->id;
        write(*store, [&](Session& s) { return s.alerts().acknowledge(id, "ann", "more disk is ordered", at(20)); });
        CHECK(list(true).empty());
        CHECK(list(false).front().note == "more disk is ordered");
        CHECK_FALSE(raise(disk, 30, 15));
        CHECK(list(false).size() == 1);
        CHECK(raise(disk, 40, 25)->id != id);
        auto twice = store->write([&](Session& s) { return s.alerts().acknowledge(id, "ann", "", at(50)); });
        REQUIRE_FALSE(twice);
        CHECK(twice.error().fault == Fault::conflict);
        auto none = store->write([&](Session& s) { return s.alerts().acknowledge(4711, "ann", "", at(50)); });
        REQUIRE_FALSE(none);
        CHECK(none.error().fault == Fault::not_found);
        CHECK(write(*store, [](Session& s) { return s.alerts().sweep(at(20), 10); }) == 0);
        CHECK(write(*store, [](Session& s) { return s.alerts().sweep(at(21), 10); }) == 1);
    }
    SECTION("who was told, and is told again of what goes on") {
        const auto untold = [&](std::uint32_t before) {
            return read(*store, [&](ReadSession& s) { return s.alerts().untold(at(before), 10); }).size();
        };
        const auto id = raise(disk, 10, 0)->id;
        CHECK(untold(0) == 1);
        write(*store, [&](Session& s) { return s.alerts().told(id, at(11)); });
        CHECK(untold(100) == 0);  // nothing happened since
        raise(disk, 50, 0);
        CHECK(untold(10) == 0);
        CHECK(untold(11) == 1);
    }
}

inline void check_marks(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto get = [&](const std::string& name) {
        return read(*store, [&](ReadSession& s) { return s.marks().get(name); });
    };
    CHECK_FALSE(get("watch.seq"));
    write(*store, [](Session& s) -> Result<void> {
        CHECK_OK(s.marks().put("watch.seq", "7"));
        CHECK_OK(s.marks().put("watch.seq", "8"));
        CHECK_OK(s.marks().put("held.crm", "because"));
        return s.marks().put("held.erp", "");
    });
    CHECK(get("watch.seq") == "8");
    CHECK(read(*store, [](ReadSession& s) { return s.marks().with_prefix("held."); }) ==
          std::map<std::string, std::string>{{"held.crm", "because"}, {"held.erp", ""}});
    write(*store, [](Session& s) { return s.marks().remove("held.crm"); });
    CHECK_FALSE(get("held.crm"));
}

inline void check_overview(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    write(*store, [](Session& s) -> Result<void> {
        std::vector<Disclosure> told;
        for (std::uint32_t n = 0; n < 5; ++n)
            told.push_back(
                {uid(n), n < 3 ? "marketing.email" : "service.order", n == 4 ? "erp" : "crm", "x", {}, at(n), at(n)});
        told.push_back({uid(0), "service.order", "crm", "x", {}, at(9), at(9)});
        return s.disclosures().put(told);
    });
    const auto reach = [&](std::optional<std::string> destination, std::int64_t from, std::int64_t until) {
        return read(*store, [&](ReadSession& s) { return s.overview().disclosed(destination, at(from), at(until)); });
    };
    const auto all = reach(std::nullopt, 0, 100);
    CHECK(all.subjects == 5);
    CHECK(all.counts.size() == 3);
    CHECK(reach("crm", 0, 100).subjects == 4);
    CHECK(reach("crm", 2, 4).subjects == 2);
    CHECK(reach("nowhere", 0, 100).subjects == 0);

    write(*store, [](Session& s) -> Result<void> {
        std::vector<ConsentEventRow> events;
        for (std::uint32_t n = 0; n < 4; ++n)
            events.push_back({0, uid(100 + n), uid(n % 3), "marketing.email", at(n), at(n),
                              n == 3 ? R"({"event_state":"withdrawn"})" : R"({"event_state":"given"})", ""});
        TRY(const auto fresh, s.consent_events().put(events));
        return fresh == 4 ? Result<void>{} : fail(Fault::internal, "events");
    });
    const auto consents = read(*store, [](ReadSession& s) { return s.overview().consents(); });
    REQUIRE(consents.size() == 2);
    CHECK((consents[0].state == "given" && consents[0].subjects == 2));
    CHECK((consents[1].state == "withdrawn" && consents[1].subjects == 1));
    CHECK(read(*store, [](ReadSession& s) { return s.overview().duplicates(); }).customers == 0);

    write(*store, [](Session& s) {
        std::vector<NewItem> items(3);
        for (std::uint32_t n = 0; n < 3; ++n) {
            items[n].destination = n == 2 ? "erp" : "crm";
            items[n].lane_key = std::to_string(n);
            items[n].entity = "contact";
            items[n].operation = "upsert";
            items[n].created_at = at(50 - n);
        }
        return s.outbox().enqueue(items);
    });
    const auto lanes = [&](LaneFilter filter, std::optional<Timestamp> before) {
        std::string keys;
        for (const auto& lane :
             read(*store, [&](ReadSession& s) { return s.overview().oldest_lanes(filter, before, 10); }))
            keys += lane.lane_key;
        return keys;
    };
    CHECK(lanes({}, std::nullopt) == "210");
    CHECK(lanes({.destination = "crm"}, std::nullopt) == "10");
    CHECK(lanes({}, at(50)) == "21");
    CHECK(lanes({.lane_key = "0"}, std::nullopt) == "0");
    CHECK(lanes({.blocked_only = true}, std::nullopt).empty());
}

}  // namespace tributary::contract
