// Dead letters, withheld records, counters and quality: where records wait, and what is counted of them.
#pragma once

#include <vector>

#include "tests/contract/store/inbox_contract.hpp"
#include "tests/contract/store/lanes.hpp"

namespace tributary::contract {

inline store::NewDeadLetter letter(std::uint32_t number, const std::string& stage, const std::string& destination) {
    store::NewDeadLetter made{.stage = stage, .cause = "cause " + std::to_string(number), .connection = "erp"};
    made.destination = destination;
    made.stream = "customers";
    made.entity = "contact";
    made.record_key = "id-" + std::to_string(number);
    made.customer = uid(number % 3);
    made.mapping_version = number % 2 == 0 ? "v2" : "v1";
    made.clear = "{}";
    made.first_failed_at = at(number);
    made.last_failed_at = at(number + 100);
    return made;
}

inline void check_dead_letters(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    std::vector<NewDeadLetter> letters;
    for (std::uint32_t n = 1; n <= 10; ++n)
        letters.push_back(letter(n, n <= 4 ? "map" : "deliver", n <= 4 ? "" : "crm"));
    const auto ids = write(*store, [&](Session& s) { return s.dead_letters().put(letters); });
    REQUIRE(ids.size() == 10);
    const auto list = [&](DeadLetterFilter filter) {
        return read(*store, [&](ReadSession& s) { return s.dead_letters().list(filter, 0, 100); });
    };
    const auto room = [&] { return read(*store, [](ReadSession& s) { return s.dead_letters().room(); }).letters; };

    SECTION("each part of a filter narrows the list") {
        CHECK(list({}).size() == 10);
        CHECK(list({.stage = "map"}).size() == 4);
        CHECK(list({.connection = "erp", .destination = "crm"}).size() == 6);
        CHECK(list({.destination = "nowhere"}).empty());
        CHECK(list({.mapping_version = "v2"}).size() == 5);
        CHECK(list({.cause_contains = "e 1"}).size() == 2);
        CHECK(list({.customer = uid(1)}).size() == 4);
        CHECK(list({.failed_since = at(103), .failed_before = at(106)}).size() == 3);
        CHECK(read(*store, [](ReadSession& s) { return s.dead_letters().count({.stage = "deliver"}); }) == 6);
    }
    SECTION("pages follow each other without gap or overlap") {
        std::vector<std::int64_t> seen;
        for (std::int64_t after = 0;;) {
            const auto page = read(*store, [&](ReadSession& s) { return s.dead_letters().list({}, after, 3); });
            if (page.empty()) break;
            for (const auto& one : page) seen.push_back(one.id);
            after = page.back().id;
        }
        CHECK(seen == ids);
    }
    SECTION("the payload comes when asked for") {
        CHECK(list({})[0].clear.empty());
        CHECK(read(*store, [&](ReadSession& s) { return s.dead_letters().get(ids[0]); })->clear == "{}");
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.dead_letters().get(4711); }));
    }
    SECTION("a letter is redriven once") {
        const std::vector some{ids[0], ids[1]};
        CHECK(write(*store, [&](Session& s) { return s.dead_letters().mark_redriven(some, at(500)); }) == 2);
        CHECK(write(*store, [&](Session& s) { return s.dead_letters().mark_redriven(some, at(501)); }) == 0);
        CHECK(room() == 8);
        CHECK(list({.stage = "map"}).size() == 2);
        CHECK(list({.redriven = true})[0].redriven_at == at(500));
        CHECK(write(*store, [](Session& s) { return s.dead_letters().sweep(at(501), 1); }) == 1);
        CHECK(list({.redriven = true}).size() == 1);
    }
    SECTION("a removed letter is gone and makes room") {
        CHECK(write(*store,
                    [&](Session& s) { return s.dead_letters().remove(std::vector{ids[0], std::int64_t{4711}}); }) == 1);
        CHECK(room() == 9);
    }
    SECTION("they are counted by stage, connection and destination") {
        const auto counts = read(*store, [](ReadSession& s) { return s.dead_letters().counts(); });
        REQUIRE(counts.size() == 2);
        CHECK(counts[0].letters + counts[1].letters == 10);
    }
}

// REQUIRES: the engine's limit is 20 letters, with the alert at 15.
inline void check_dead_letter_limit(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto put = [&](Session& s, std::uint32_t count) {
        return s.dead_letters().put(std::vector(count, letter(1, "deliver", "crm")));
    };
    const auto room = [&] { return read(*store, [](ReadSession& s) { return s.dead_letters().room(); }); };

    SECTION("the alert comes before the limit, and the limit refuses instead of dropping") {
        write(*store, [&](Session& s) { return put(s, 14); });
        CHECK_FALSE(room().alert);
        const auto ids = write(*store, [&](Session& s) { return put(s, 6); });
        CHECK(room().alert);
        CHECK(room().letters == 20);
        CHECK(failure(*store, [&](Session& s) { return put(s, 1); }).fault == Fault::transient);
        CHECK(room().letters == 20);
        write(*store, [&](Session& s) { return s.dead_letters().remove(std::span(ids).first(1)); });
        write(*store, [&](Session& s) { return put(s, 1); });
        CHECK(room().letters == 20);
    }
    SECTION("letters of a write that is rolled back take no room") {
        for (int i = 0; i < 3; ++i) {
            failure(*store, [&](Session& s) -> Result<void> {
                CHECK_OK(put(s, 15));
                return fail(Fault::conflict, "changed my mind");
            });
        }
        write(*store, [&](Session& s) { return put(s, 20); });
    }
    SECTION("without room a poisoned item stays in its blocked lane") {
        write(*store, [&](Session& s) { return put(s, 20); });
        Lanes lanes{*store};
        lanes.enqueue({item("a", 1)});
        for (int crash = 1; crash <= 3; ++crash) {
            REQUIRE(lanes.claim().size() == 1);
            lanes.now += 100;
            lanes.reap();
            lanes.now += 100;
        }
        REQUIRE(lanes.rows().size() == 1);
        CHECK(lanes.rows()[0].blocked);
        CHECK(lanes.rows()[0].depth == 1);
    }
}

inline void check_withheld(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto row = [](std::uint32_t record, const std::string& destination, std::uint32_t customer,
                        const std::string& reason) {
        WithheldRow made{
            .destination = destination, .record = uid(record), .customer = uid(customer), .reason = reason};
        made.entity = "contact";
        made.operation = "upsert";
        made.purpose = "marketing.email";
        made.since = at(record);
        return made;
    };
    write(*store, [&](Session& s) {
        return s.withheld().put(std::vector{row(1, "mail", 100, "C-UNKNOWN"), row(1, "crm", 100, "C-UNKNOWN"),
                                            row(2, "mail", 200, "C-WITHDRAWN")});
    });
    const auto of = [&](std::uint32_t customer) {
        return read(*store, [&](ReadSession& s) { return s.withheld().of_customer(uid(customer)); });
    };

    SECTION("a record is withheld once for each destination, with the newest reason and the first time") {
        auto again = row(1, "mail", 100, "C-WITHDRAWN");
        again.since = at(999);
        write(*store, [&](Session& s) { return s.withheld().put(std::span(&again, 1)); });
        const auto rows = of(100);
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].destination == "mail");
        CHECK(rows[0].reason == "C-WITHDRAWN");
        CHECK(rows[0].since == at(1));
        CHECK(rows[0].purpose == "marketing.email");
        const auto counts = read(*store, [](ReadSession& s) { return s.withheld().counts(); });
        CHECK(counts.size() == 2);
    }
    SECTION("taking removes what it returns") {
        CHECK(write(*store, [](Session& s) { return s.withheld().take(uid(100), "crm"); }).size() == 1);
        CHECK(of(100).size() == 1);
        CHECK(write(*store, [](Session& s) { return s.withheld().take(uid(100), std::nullopt); }).size() == 1);
        CHECK(of(100).empty());
        CHECK(of(200).size() == 1);
    }
    SECTION("rows are removed by record and listed by destination") {
        write(*store, [](Session& s) { return s.withheld().remove("mail", std::vector{uid(1)}); });
        CHECK(read(*store, [](ReadSession& s) { return s.withheld().list("mail", 0, 10); }).size() == 1);
        CHECK(read(*store, [](ReadSession& s) { return s.withheld().list(std::nullopt, 0, 10); }).size() == 2);
    }
}

inline void check_counters(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto stats = [&] { return read(*store, [](ReadSession& s) { return s.counters().stats(); }); };

    SECTION("one call tells what happened to every record") {
        write(*store, [](Session& s) { return s.inbox().put(std::vector{entry(1), entry(2), entry(1)}); });
        write(*store, [](Session& s) {
            return s.counters().add(std::vector<CounterDelta>{{Counter::mapped, "erp", "customers", 7},
                                                              {Counter::unchanged, "erp", "customers", 3},
                                                              {Counter::mapped, "erp", "customers", 1}});
        });
        Lanes lanes{*store};
        lanes.enqueue({item("a", 1), item("b", 2), item("c", 3), item("d", 4)});
        const auto claimed = lanes.claim(3);
        lanes.settle(lanes.all(claimed[0], ItemEnd::delivered));
        lanes.settle(lanes.all(claimed[1], ItemEnd::buried));
        auto retry = lanes.all(claimed[2], ItemEnd::kept);
        retry.retry_at = at(2000);
        lanes.settle(retry);
        write(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.dead_letters().put(std::vector{letter(1, "map", "")}));
            return s.withheld().put(std::vector<WithheldRow>{{.destination = "mail", .record = uid(1)}});
        });
        const auto now = stats();
        CHECK(now.inbox_waiting == 2);
        CHECK(now.inbox_oldest == at(1));
        CHECK(now.dead_letters == 2);
        CHECK(now.withheld == 1);
        REQUIRE(now.streams.size() == 2);
        CHECK(now.streams[0].connection == "erp");
        CHECK(now.streams[0].mapped == 8);
        CHECK(now.streams[0].unchanged == 3);
        CHECK(now.streams[0].quarantined == 1);
        CHECK(now.streams[1].connection == "webshop");
        CHECK(now.streams[1].accepted == 2);
        CHECK(now.streams[1].duplicate == 1);
        REQUIRE(now.destinations.size() == 2);
        const auto& crm = now.destinations[0];
        CHECK(crm.destination == "crm");
        CHECK(crm.delivered == 1);
        CHECK(crm.retried == 1);
        CHECK(crm.dead == 1);
        CHECK(crm.dead_total == 1);
        CHECK(crm.queued == 2);
        CHECK(crm.oldest == at(3));
        CHECK(now.destinations[1].withheld == 1);
    }
    SECTION("counts of a write that is rolled back do not count") {
        failure(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.inbox().put(entries(1, 5)));
            return fail(Fault::conflict, "changed my mind");
        });
        CHECK(stats().streams.empty());
    }
    SECTION("quality counts are summed and their times widen") {
        const auto add = [&](std::uint64_t count, std::int64_t when) {
            const QualityCount one{QualityKind::drift, "erp", "customers", "vat",
                                   "new_field",        count, at(when),    at(when)};
            write(*store, [&](Session& s) { return s.quality().add(std::span(&one, 1)); });
        };
        add(2, 50);
        add(3, 20);
        const auto list = [&](QualityKind kind, const std::string& connection) {
            return read(*store, [&](ReadSession& s) { return s.quality().list(kind, connection, "", 10); });
        };
        const auto counts = list(QualityKind::drift, "erp");
        REQUIRE(counts.size() == 1);
        CHECK(counts[0].count == 5);
        CHECK(counts[0].first_at == at(20));
        CHECK(counts[0].last_at == at(50));
        CHECK(list(QualityKind::drift, "").size() == 1);
        CHECK(list(QualityKind::issue, "erp").empty());
        CHECK(list(QualityKind::drift, "shop").empty());
        write(*store, [](Session& s) { return s.quality().clear("erp", "customers"); });
        CHECK(list(QualityKind::drift, "erp").empty());
    }
}

}  // namespace tributary::contract
