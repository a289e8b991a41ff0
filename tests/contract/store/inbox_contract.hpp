#pragma once

#include <set>
#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline store::InboxEntry entry(std::uint32_t key, const std::string& connection = "webshop") {
    return {connection, digest(key), "orders/create", at(key), "header: value", "body " + std::to_string(key)};
}

inline std::vector<store::InboxEntry> entries(std::uint32_t first, std::uint32_t last) {
    std::vector<store::InboxEntry> made;
    for (auto key = first; key <= last; ++key) made.push_back(entry(key));
    return made;
}

inline std::vector<store::ClaimedEntry> claim(store::Store& store, std::size_t limit, Timestamp now) {
    return write(store, [&](store::Session& s) { return s.inbox().claim(limit, now, std::chrono::seconds(30)); });
}

inline std::vector<std::string> bodies(const std::vector<store::ClaimedEntry>& claimed) {
    std::vector<std::string> bodies;
    for (const auto& one : claimed) bodies.push_back(one.entry.body);
    return bodies;
}

inline void check_inbox(Engine& engine) {
    using store::Accepted;
    auto store = engine.open();
    const auto put = [&](std::vector<store::InboxEntry> put) {
        return write(*store, [&](store::Session& s) { return s.inbox().put(put); });
    };
    const auto depth = [&] { return read(*store, [](store::ReadSession& s) { return s.inbox().depth(); }); };

    SECTION("a key is fresh once for each connection") {
        CHECK(put({entry(1), entry(2), entry(1), entry(1, "crm")}) ==
              std::vector{Accepted::fresh, Accepted::fresh, Accepted::duplicate, Accepted::fresh});
        CHECK(put({entry(2)}) == std::vector{Accepted::duplicate});
        CHECK(depth().waiting == 3);
    }
    SECTION("a claimed entry comes back whole") {
        put({entry(7)});
        const auto claimed = claim(*store, 10, at(100));
        REQUIRE(claimed.size() == 1);
        CHECK(claimed[0].claims == 1);
        CHECK(claimed[0].entry.connection == "webshop");
        CHECK(claimed[0].entry.dedup_key == digest(7));
        CHECK(claimed[0].entry.topic == "orders/create");
        CHECK(claimed[0].entry.received_at == at(7));
        CHECK(claimed[0].entry.headers == "header: value");
        CHECK(claimed[0].entry.body == "body 7");
    }
    SECTION("claims go by order of arrival and do not overlap") {
        put(entries(1, 5));
        CHECK(bodies(claim(*store, 2, at(100))) == std::vector<std::string>{"body 1", "body 2"});
        CHECK(bodies(claim(*store, 2, at(100))) == std::vector<std::string>{"body 3", "body 4"});
        CHECK(bodies(claim(*store, 2, at(100))) == std::vector<std::string>{"body 5"});
        CHECK(claim(*store, 2, at(129)).empty());
    }
    SECTION("a claim that ran out is claimed again and says so") {
        put(entries(1, 2));
        claim(*store, 10, at(100));
        const auto again = claim(*store, 10, at(131));
        REQUIRE(again.size() == 2);
        CHECK(again[0].claims == 2);
        CHECK(again[0].entry.body == "body 1");
    }
    SECTION("a finished entry is gone, its key is not") {
        put(entries(1, 2));
        const auto claimed = claim(*store, 1, at(100));
        write(*store, [&](store::Session& s) { return s.inbox().finish(std::vector{claimed[0].id}); });
        CHECK(depth().waiting == 1);
        CHECK(depth().oldest == at(2));
        CHECK(put({entry(1)}) == std::vector{Accepted::duplicate});
        CHECK(bodies(claim(*store, 10, at(1000))) == std::vector<std::string>{"body 2"});
    }
    SECTION("a retry waits for its time and does not hold back the rest") {
        put(entries(1, 3));
        const auto first = claim(*store, 1, at(100));
        write(*store, [&](store::Session& s) { return s.inbox().retry(first[0].id, at(200), "the peer is away"); });
        CHECK(bodies(claim(*store, 1, at(110))) == std::vector<std::string>{"body 2"});
        const auto later = claim(*store, 1, at(200));
        REQUIRE(later.size() == 1);
        CHECK(later[0].entry.body == "body 2");  // its lease ran out at 140, before the retry was due
        const auto retried = claim(*store, 1, at(200));
        REQUIRE(retried.size() == 1);
        CHECK(retried[0].entry.body == "body 1");
        CHECK(retried[0].claims == 1);
        CHECK(retried[0].last_error == "the peer is away");
    }
    SECTION("new entries are claimed after all earlier ones were finished") {
        for (std::uint32_t key = 1; key <= 3; ++key) {
            put({entry(key)});
            const auto claimed = claim(*store, 10, at(100));
            REQUIRE(bodies(claimed) == std::vector<std::string>{"body " + std::to_string(key)});
            write(*store, [&](store::Session& s) { return s.inbox().finish(std::vector{claimed[0].id}); });
            CHECK(depth().waiting == 0);
        }
    }
    SECTION("a claim that is rolled back is not lost") {
        put(entries(1, 3));
        failure(*store, [&](store::Session& s) -> Result<void> {
            CHECK_OK(s.inbox().claim(2, at(100), std::chrono::seconds(30)));
            return fail(Fault::conflict, "changed my mind");
        });
        CHECK(bodies(claim(*store, 2, at(100))) == std::vector<std::string>{"body 1", "body 2"});
    }
    SECTION("a put that is rolled back leaves neither body nor key") {
        failure(*store, [&](store::Session& s) -> Result<void> {
            CHECK_OK(s.inbox().put(entries(1, 3)));
            return fail(Fault::conflict, "changed my mind");
        });
        CHECK(depth().waiting == 0);
        CHECK(put({entry(2)}) == std::vector{Accepted::fresh});
        CHECK(bodies(claim(*store, 9, at(100))) == std::vector<std::string>{"body 2"});
    }
    SECTION("keys are forgotten by age, in bounded steps") {
        put(entries(1, 100));
        std::uint64_t removed = 0;
        for (bool complete = false; !complete;) {
            const auto swept = write(*store, [&](store::Session& s) { return s.inbox().sweep(at(61), 7); });
            removed += swept.removed;
            complete = swept.complete;
        }
        CHECK(removed == 60);
        CHECK(put({entry(60)}) == std::vector{Accepted::fresh});
        CHECK(put({entry(61)}) == std::vector{Accepted::duplicate});
    }
    SECTION("after a restart open claims are due at once and the rest goes on in order") {
        put(entries(1, 6));
        const auto claimed = claim(*store, 4, at(100));
        write(*store, [&](store::Session& s) { return s.inbox().finish(std::vector{claimed[0].id, claimed[2].id}); });
        write(*store, [&](store::Session& s) { return s.inbox().retry(claimed[3].id, at(500), "later"); });
        store.reset();
        store = engine.open();
        CHECK(depth().waiting == 4);
        // Where others may live, an open claim ends with its lease, and nobody else takes entries meanwhile.
        if (engine.shared()) CHECK(claim(*store, 10, at(101)).empty());
        const auto free = engine.shared() ? 130 : 101;
        CHECK(bodies(claim(*store, 10, at(free))) == std::vector<std::string>{"body 2", "body 5", "body 6"});
        CHECK(put({entry(1), entry(7)}) == std::vector{Accepted::duplicate, Accepted::fresh});
        CHECK(bodies(claim(*store, 10, at(free + 1))) == std::vector<std::string>{"body 7"});
        CHECK(bodies(claim(*store, 10, at(500))).size() == 5);
    }
}

}  // namespace tributary::contract
