#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline store::NewItem item(const std::string& lane, std::uint32_t number, const std::string& destination = "crm") {
    return {.destination = destination,
            .lane_key = lane,
            .entity = "contact",
            .record = uid(number),
            .customer = uid(900),
            .operation = "upsert",
            .op_key = digest(number),
            .clear = R"({"n":)" + std::to_string(number) + "}",
            .sealed = std::string("s\0s", 3),
            .subject = uid(800),
            .origin = "erp",
            .mapping_version = "v1",
            .created_at = at(number),
            .supersede = true};
}

// The outbox of one test, with a clock that is moved by hand.
struct Lanes {
    store::Store& store;
    std::int64_t now = 1000;

    std::vector<std::int64_t> enqueue(std::vector<store::NewItem> items) {
        return write(store, [&](store::Session& s) { return s.outbox().enqueue(items); });
    }
    std::vector<store::ClaimedLane> claim(std::size_t lanes = 100, std::size_t items = 100,
                                          const std::string& destination = "crm") {
        const store::LaneClaim request{destination, lanes, items, at(now), std::chrono::seconds(30), "worker"};
        return write(store, [&](store::Session& s) { return s.outbox().claim(request); });
    }
    store::Settled settle(const store::LaneResult& result) {
        return write(store, [&](store::Session& s) { return s.outbox().settle(std::span(&result, 1)); }).front();
    }
    store::LaneResult all(const store::ClaimedLane& lane, store::ItemEnd end) const {
        store::LaneResult result{.lease = lane.lease, .at = at(now)};
        for (const auto& one : lane.items) result.items.push_back({.seq = one.seq, .end = end, .detail = "200"});
        return result;
    }
    std::vector<store::ReapedLane> reap() {
        return write(store, [&](store::Session& s) { return s.outbox().reap(at(now)); });
    }
    std::vector<store::LaneRow> rows() {
        return read(store, [&](store::ReadSession& s) { return s.outbox().lanes({}, 0, 1000); });
    }
    std::vector<store::DeadLetter> dead() {
        return read(store, [&](store::ReadSession& s) { return s.dead_letters().list({}, 0, 100, true); });
    }
    std::optional<Timestamp> due(const std::string& destination = "crm") {
        return read(store, [&](store::ReadSession& s) { return s.outbox().next_due(destination); });
    }
};

inline std::vector<std::int64_t> seqs(const store::ClaimedLane& lane) {
    std::vector<std::int64_t> seqs;
    for (const auto& one : lane.items) seqs.push_back(one.seq);
    return seqs;
}

inline void check_lanes(Engine& engine) {
    using namespace store;
    auto opened = engine.open();
    Lanes lanes{*opened};

    SECTION("an item comes back whole") {
        lanes.enqueue({item("a", 5)});
        const auto claimed = lanes.claim();
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].destination == "crm");
        CHECK(claimed[0].lane_key == "a");
        CHECK(claimed[0].lease_until == at(1030));
        CHECK_FALSE(claimed[0].more);
        REQUIRE(claimed[0].items.size() == 1);
        const auto& one = claimed[0].items[0];
        CHECK(one.seq == 1);
        CHECK(one.lane_key == "a");
        CHECK(one.entity == "contact");
        CHECK(one.record == uid(5));
        CHECK(one.customer == uid(900));
        CHECK(one.operation == "upsert");
        CHECK(one.op_key == digest(5));
        CHECK(one.clear == R"({"n":5})");
        CHECK(one.sealed == std::string("s\0s", 3));
        CHECK(one.subject == uid(800));
        CHECK(one.origin == "erp");
        CHECK(one.mapping_version == "v1");
        CHECK(one.created_at == at(5));
        CHECK(one.supersede);
    }
    SECTION("seqs count each lane by itself, in order of commit") {
        CHECK(lanes.enqueue({item("a", 1), item("b", 2), item("a", 3)}) == std::vector<std::int64_t>{1, 1, 2});
        CHECK(lanes.enqueue({item("a", 4), item("a", 5, "erp")}) == std::vector<std::int64_t>{3, 1});
        const auto claimed = lanes.claim();
        REQUIRE(claimed.size() == 2);
        CHECK(seqs(claimed[0]) == std::vector<std::int64_t>{1, 2, 3});
    }
    SECTION("seqs go on after a lane ran empty") {
        lanes.enqueue({item("a", 1)});
        lanes.settle(lanes.all(lanes.claim()[0], ItemEnd::delivered));
        CHECK(lanes.rows().empty());
        CHECK(lanes.enqueue({item("a", 2)}) == std::vector<std::int64_t>{2});
    }
    SECTION("a claimed lane is nobody else's, and what arrives meanwhile waits in it") {
        lanes.enqueue({item("a", 1)});
        const auto first = lanes.claim();
        lanes.enqueue({item("a", 2)});
        CHECK(lanes.claim().empty());
        CHECK(lanes.settle(lanes.all(first[0], ItemEnd::delivered)) == Settled::settled);
        const auto second = lanes.claim();
        REQUIRE(second.size() == 1);
        CHECK(seqs(second[0]) == std::vector<std::int64_t>{2});
        CHECK(second[0].lease.token > first[0].lease.token);
    }
    SECTION("a claim is bounded in lanes and items") {
        for (std::uint32_t n = 1; n <= 5; ++n) lanes.enqueue({item("a", n), item("b", n), item("c", n)});
        const auto claimed = lanes.claim(2, 3);
        REQUIRE(claimed.size() == 2);
        CHECK(claimed[0].items.size() == 3);
        CHECK(claimed[0].more);
        CHECK(lanes.claim(9).size() == 1);
    }
    SECTION("the lane that is due longest comes first") {
        lanes.enqueue({item("late", 30), item("early", 10), item("middle", 20)});
        CHECK(lanes.due() == at(10));
        const auto claimed = lanes.claim(2);
        REQUIRE(claimed.size() == 2);
        CHECK(claimed[0].lane_key == "early");
        CHECK(claimed[1].lane_key == "middle");
    }
    SECTION("a lane is not due before its first item's time") {
        lanes.now = 5;
        lanes.enqueue({item("a", 10)});
        CHECK(lanes.claim().empty());
        lanes.now = 10;
        CHECK(lanes.claim().size() == 1);
    }
    SECTION("a paused destination gives nothing until it is resumed or its time is over") {
        lanes.enqueue({item("a", 1), item("b", 1, "erp")});
        const auto pause = [&](std::optional<Timestamp> until) {
            write(*opened,
                  [&](Session& s) { return s.outbox().pause("crm", "credentials refused", at(lanes.now), until); });
        };
        pause(std::nullopt);
        CHECK(lanes.claim().empty());
        CHECK_FALSE(lanes.due());
        CHECK(lanes.claim(9, 9, "erp").size() == 1);
        const auto states = read(*opened, [](ReadSession& s) { return s.outbox().destinations(); });
        REQUIRE(states.size() == 1);
        CHECK(states[0].paused);
        CHECK(states[0].reason == "credentials refused");
        CHECK(states[0].since == at(1000));
        pause(at(1100));
        lanes.now = 1099;
        CHECK(lanes.claim().empty());
        CHECK(lanes.due() == at(1100));
        lanes.now = 1100;
        CHECK(lanes.claim().size() == 1);
        pause(std::nullopt);
        write(*opened, [](Session& s) { return s.outbox().resume("crm"); });
        lanes.enqueue({item("c", 1)});
        CHECK(lanes.claim().size() == 1);
    }
    SECTION("depth and age are told for each destination") {
        lanes.enqueue({item("a", 3), item("a", 4), item("b", 2), item("c", 9, "erp")});
        const auto depths = read(*opened, [](ReadSession& s) { return s.outbox().depths(); });
        REQUIRE(depths.size() == 2);
        CHECK(depths[0].destination == "crm");
        CHECK(depths[0].items == 3);
        CHECK(depths[0].lanes == 2);
        CHECK(depths[0].oldest == at(2));
        CHECK(depths[1].items == 1);
        const auto claimed = lanes.claim();
        lanes.settle(lanes.all(claimed[0], ItemEnd::delivered));
        CHECK(claimed[0].lane_key == "b");
        CHECK(read(*opened, [](ReadSession& s) { return s.outbox().depths(); })[0].oldest == at(3));
    }
    SECTION("an operator drops items, but not under a running delivery") {
        lanes.enqueue({item("a", 1), item("a", 2), item("a", 3)});
        const auto lane = lanes.rows()[0].lane;
        const std::vector<std::int64_t> unwanted{1, 3, 77};
        CHECK(write(*opened, [&](Session& s) { return s.outbox().drop(lane, unwanted); }) == 2);
        CHECK(lanes.rows()[0].depth == 1);
        CHECK(lanes.rows()[0].oldest == at(2));
        lanes.claim();
        CHECK(failure(*opened, [&](Session& s) { return s.outbox().drop(lane, unwanted); }).fault == Fault::conflict);
    }
}

inline void check_settling(Engine& engine) {
    using namespace store;
    auto opened = engine.open();
    Lanes lanes{*opened};
    const auto attempts = [&] { return read(*opened, [](ReadSession& s) { return s.attempts().list({}, 0, 100); }); };

    SECTION("a stale token settles nothing") {
        lanes.enqueue({item("a", 1)});
        const auto stale = lanes.claim()[0];
        lanes.now += 31;
        CHECK(lanes.reap().size() == 1);
        CHECK(lanes.settle(lanes.all(stale, ItemEnd::delivered)) == Settled::lease_lost);
        lanes.now += 5;
        const auto current = lanes.claim();
        REQUIRE(current.size() == 1);
        CHECK(lanes.settle(lanes.all(stale, ItemEnd::delivered)) == Settled::lease_lost);
        CHECK(lanes.rows()[0].depth == 1);
        CHECK(attempts().empty());
        CHECK(lanes.settle(lanes.all(current[0], ItemEnd::delivered)) == Settled::settled);
        CHECK(lanes.settle(lanes.all(current[0], ItemEnd::delivered)) == Settled::lease_lost);
        CHECK(lanes.rows().empty());
    }
    SECTION("a retry keeps the items, delays the lane and counts") {
        lanes.enqueue({item("a", 1), item("a", 2)});
        auto claimed = lanes.claim()[0];
        LaneResult result{
            .lease = claimed.lease, .at = at(1000), .retry_at = at(1100), .fail_count = 1, .error = "500"};
        result.items.push_back({.seq = 1, .end = ItemEnd::kept, .detail = "500", .took = Milliseconds(12)});
        lanes.settle(result);
        CHECK(lanes.claim().empty());
        CHECK(lanes.due() == at(1100));
        CHECK(lanes.rows()[0].error == "500");
        lanes.now = 1100;
        claimed = lanes.claim()[0];
        CHECK(claimed.fail_count == 1);
        CHECK(claimed.first_failed_at == at(1000));
        CHECK(seqs(claimed) == std::vector<std::int64_t>{1, 2});
        CHECK(claimed.items[0].op_key == digest(1));
        REQUIRE(attempts().size() == 1);
        CHECK(attempts()[0].outcome == "retry");
        CHECK(attempts()[0].took == Milliseconds(12));
        lanes.settle({.lease = claimed.lease, .at = at(1101), .retry_at = at(1300), .fail_count = 2});
        lanes.now = 1300;
        CHECK(lanes.claim()[0].first_failed_at == at(1000));
    }
    SECTION("delivered and superseded items leave, later ones stay") {
        lanes.enqueue({item("a", 1), item("a", 2), item("a", 3)});
        const auto claimed = lanes.claim()[0];
        LaneResult result{.lease = claimed.lease, .at = at(1000)};
        result.items = {{.seq = 1, .end = ItemEnd::superseded, .attempted = false},
                        {.seq = 2, .end = ItemEnd::delivered}};
        lanes.settle(result);
        CHECK(seqs(lanes.claim()[0]) == std::vector<std::int64_t>{3});
        REQUIRE(attempts().size() == 1);
        CHECK(attempts()[0].outcome == "delivered");
        CHECK(attempts()[0].record == uid(2));
        CHECK(attempts()[0].op_key == digest(2));
        CHECK(attempts()[0].destination == "crm");
    }
    SECTION("a buried item lies in the dead letters with what the queue knew of it") {
        lanes.enqueue({item("a", 1), item("a", 2)});
        const auto claimed = lanes.claim()[0];
        LaneResult result{.lease = claimed.lease, .at = at(1000)};
        result.items.push_back(
            {.seq = 1,
             .end = ItemEnd::buried,
             .dead = NewDeadLetter{
                 .stage = "deliver", .fault = Fault::bad_input, .cause = "422 name is missing", .record_key = "id-1"}});
        lanes.settle(result);
        const auto dead = lanes.dead();
        REQUIRE(dead.size() == 1);
        CHECK(dead[0].stage == "deliver");
        CHECK(dead[0].fault == Fault::bad_input);
        CHECK(dead[0].cause == "422 name is missing");
        CHECK(dead[0].record_key == "id-1");
        CHECK(dead[0].destination == "crm");
        CHECK(dead[0].connection == "erp");
        CHECK(dead[0].entity == "contact");
        CHECK(dead[0].operation == "upsert");
        CHECK(dead[0].mapping_version == "v1");
        CHECK(dead[0].record == uid(1));
        CHECK(dead[0].subject == uid(800));
        CHECK(dead[0].op_key == digest(1));
        CHECK(dead[0].clear == R"({"n":1})");
        CHECK(dead[0].sealed == std::string("s\0s", 3));
        CHECK(dead[0].attempts == 1);
        CHECK(dead[0].first_failed_at == at(1000));
        CHECK(seqs(lanes.claim()[0]) == std::vector<std::int64_t>{2});
    }
    SECTION("a blocked lane waits for an operator and the others do not wait for it") {
        lanes.enqueue({item("a", 1), item("b", 2)});
        const auto claimed = lanes.claim(1)[0];
        lanes.settle({.lease = claimed.lease, .at = at(1000), .fail_count = 1, .error = "422", .block = true});
        CHECK(lanes.claim()[0].lane_key == "b");
        CHECK(lanes.claim().empty());
        const auto blocked =
            read(*opened, [](ReadSession& s) { return s.outbox().lanes({.blocked_only = true}, 0, 10); });
        REQUIRE(blocked.size() == 1);
        CHECK(blocked[0].lane_key == "a");
        CHECK(blocked[0].error == "422");
        CHECK(read(*opened, [](ReadSession& s) { return s.outbox().depths(); })[0].blocked_items == 1);
        write(*opened, [&](Session& s) { return s.outbox().unblock(blocked[0].lane, at(1002)); });
        lanes.now = 1002;
        CHECK(lanes.claim()[0].fail_count == 0);
        CHECK(failure(*opened, [](Session& s) { return s.outbox().unblock(4711, at(1)); }).fault == Fault::not_found);
    }
    SECTION("an item that the lane does not hold fails the whole settling") {
        lanes.enqueue({item("a", 1), item("a", 2)});
        const auto claimed = lanes.claim()[0];
        LaneResult result{.lease = claimed.lease, .at = at(1000)};
        result.items = {{.seq = 1}, {.seq = 9}};
        failure(*opened, [&](Session& s) { return s.outbox().settle(std::span(&result, 1)); });
        CHECK(lanes.rows()[0].depth == 2);
        CHECK(lanes.settle(lanes.all(claimed, ItemEnd::delivered)) == Settled::settled);
    }
    SECTION("many lanes settle in one call, each by its own token") {
        for (std::uint32_t n = 1; n <= 4; ++n) lanes.enqueue({item("lane" + std::to_string(n), n)});
        const auto claimed = lanes.claim();
        std::vector<LaneResult> results;
        for (const auto& lane : claimed) results.push_back(lanes.all(lane, ItemEnd::delivered));
        results[2].lease.token += 1;
        const auto settled = write(*opened, [&](Session& s) { return s.outbox().settle(results); });
        CHECK(std::ranges::count(settled, Settled::settled) == 3);
        CHECK(settled[2] == Settled::lease_lost);
        CHECK(lanes.rows().size() == 1);
    }
    SECTION("attempts are swept by age") {
        lanes.enqueue({item("a", 1), item("b", 2)});
        const auto claimed = lanes.claim();
        lanes.settle(lanes.all(claimed[0], ItemEnd::delivered));
        lanes.now += 100;
        lanes.settle(lanes.all(claimed[1], ItemEnd::delivered));
        CHECK(write(*opened, [](Session& s) { return s.attempts().sweep(at(1050), 100); }) == 1);
        REQUIRE(attempts().size() == 1);
        CHECK(attempts()[0].at == at(1100));
        const AttemptFilter of{.destination = "crm", .record = uid(2), .customer = uid(900)};
        CHECK(read(*opened, [&](ReadSession& s) { return s.attempts().list(of, 0, 9); }).size() == 1);
    }
}

inline void check_leases_of_lanes(Engine& engine) {
    using namespace store;
    auto opened = engine.open();
    Lanes lanes{*opened};
    const auto heartbeat = [&](const ClaimedLane& lane) -> bool {
        return write(*opened,
                     [&](Session& s) {
                         return s.outbox().heartbeat(std::span(&lane.lease, 1), at(lanes.now),
                                                     std::chrono::seconds(30));
                     })
            .front();
    };

    SECTION("a heartbeat keeps a lease, and tells when it is lost") {
        lanes.enqueue({item("a", 1)});
        const auto claimed = lanes.claim()[0];
        lanes.now += 20;
        CHECK(heartbeat(claimed));
        lanes.now += 20;
        CHECK(lanes.reap().empty());
        lanes.now += 11;
        CHECK(lanes.reap().size() == 1);
        CHECK_FALSE(heartbeat(claimed));
    }
    SECTION("a released lane is due at once and nothing is counted") {
        lanes.enqueue({item("a", 1)});
        const auto claimed = lanes.claim()[0];
        write(*opened, [&](Session& s) { return s.outbox().release(std::span(&claimed.lease, 1)); });
        const auto again = lanes.claim();
        REQUIRE(again.size() == 1);
        CHECK(again[0].crash_count == 0);
        CHECK(lanes.settle(lanes.all(claimed, ItemEnd::delivered)) == Settled::lease_lost);
    }
    SECTION("the third lease in a row that runs out is poison") {
        lanes.enqueue({item("a", 1), item("a", 2)});
        for (int crash = 1; crash <= 3; ++crash) {
            REQUIRE(lanes.claim().size() == 1);
            lanes.now += 31;
            const auto reaped = lanes.reap();
            REQUIRE(reaped.size() == 1);
            CHECK(reaped[0].lane_key == "a");
            CHECK(reaped[0].crash_count == static_cast<std::uint32_t>(crash));
            CHECK(reaped[0].poisoned == (crash == 3));
            CHECK(lanes.claim().empty());
            lanes.now += 1 << crash;
        }
        CHECK(lanes.claim().empty());
        const auto dead = lanes.dead();
        REQUIRE(dead.size() == 1);
        CHECK(dead[0].stage == "poison");
        CHECK(dead[0].op_key == digest(1));
        REQUIRE(lanes.rows().size() == 1);
        CHECK(lanes.rows()[0].blocked);
        CHECK(lanes.rows()[0].depth == 1);
        CHECK(lanes.rows()[0].oldest == at(2));
    }
    SECTION("an answer in between starts the count anew") {
        lanes.enqueue({item("a", 1)});
        for (int round = 0; round < 4; ++round) {
            REQUIRE(lanes.claim().size() == 1);
            lanes.now += 31;
            lanes.reap();
            lanes.now += 2;
            const auto claimed = lanes.claim();
            REQUIRE(claimed.size() == 1);
            CHECK(claimed[0].crash_count == 1);
            lanes.settle({.lease = claimed[0].lease, .at = at(lanes.now), .fail_count = 1});
        }
        CHECK(lanes.dead().empty());
    }
    SECTION("a restart takes back all leases, and its old tokens are worth nothing") {
        lanes.enqueue({item("a", 1), item("b", 2)});
        const auto before = lanes.claim();
        REQUIRE(before.size() == 2);
        opened.reset();
        opened = engine.open();
        Lanes after{*opened, 10'000'000};
        CHECK(after.settle(after.all(before[0], ItemEnd::delivered)) == Settled::lease_lost);
        const auto claimed = after.claim();
        REQUIRE(claimed.size() == 2);
        CHECK(claimed[0].crash_count == 1);
        CHECK(claimed[0].lease.token > before[0].lease.token);
    }
}

}  // namespace tributary::contract
