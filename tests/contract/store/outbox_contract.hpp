#pragma once

#include <vector>

#include "tests/contract/store/lanes.hpp"

namespace tributary::contract {

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

}  // namespace tributary::contract
