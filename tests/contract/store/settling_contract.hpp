#pragma once

#include <algorithm>
#include <vector>

#include "tests/contract/store/lanes.hpp"

namespace tributary::contract {

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
    SECTION("who learnt nothing of the lane leaves the count as it was") {
        lanes.enqueue({item("a", 1)});
        REQUIRE(lanes.claim().size() == 1);
        lanes.now += 31;
        lanes.reap();
        lanes.now += 2;
        for (int round = 0; round < 2; ++round) {
            const auto claimed = lanes.claim();
            REQUIRE(claimed.size() == 1);
            CHECK(claimed[0].crash_count == 1);
            LaneResult untouched{.lease = claimed[0].lease, .at = at(lanes.now)};
            if (round == 1)
                untouched.items = {{.seq = claimed[0].items[0].seq, .end = ItemEnd::kept, .attempted = false}};
            lanes.settle(untouched);
        }
        const auto claimed = lanes.claim();
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].crash_count == 1);
    }
    SECTION("who is unsure of what is left leaves the count as it was") {
        lanes.enqueue({item("a", 1), item("a", 2), item("a", 3)});
        REQUIRE(lanes.claim().size() == 1);
        lanes.now += 31;
        lanes.reap();
        lanes.now += 2;
        for (const bool unsure : {true, false}) {
            const auto claimed = lanes.claim();
            REQUIRE(claimed.size() == 1);
            CHECK(claimed[0].crash_count == 1);
            LaneResult result{.lease = claimed[0].lease, .at = at(lanes.now), .unsure = unsure};
            result.items = {{.seq = claimed[0].items[0].seq}};
            lanes.settle(result);
        }
        const auto claimed = lanes.claim();
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].crash_count == 0);
    }
    SECTION("a restart takes back all leases, and its old tokens are worth nothing") {
        lanes.enqueue({item("a", 1), item("b", 2)});
        const auto before = lanes.claim();
        REQUIRE(before.size() == 2);
        opened.reset();
        opened = engine.open();
        Lanes after{*opened, 10'000'000};
        if (engine.shared()) {  // its holder may live: it ends when it ran out
            CHECK(after.claim().empty());
            CHECK(after.reap().size() == 2);
            after.now += 2;
        }
        CHECK(after.settle(after.all(before[0], ItemEnd::delivered)) == Settled::lease_lost);
        const auto claimed = after.claim();
        REQUIRE(claimed.size() == 2);
        CHECK(claimed[0].crash_count == 1);
        CHECK(claimed[0].lease.token > before[0].lease.token);
    }
}

}  // namespace tributary::contract
