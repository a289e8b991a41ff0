#pragma once

#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_sync_state(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    constexpr auto kTtl = std::chrono::seconds(60);
    const auto acquire = [&](const std::string& owner, Timestamp now) {
        return write(*store, [&](Session& s) { return s.leases().acquire("erp/orders", owner, kTtl, now); });
    };

    SECTION("a checkpoint is kept for each stream and replaced") {
        const auto put = [&](const std::string& stream, const std::string& cursor, std::int64_t when) {
            write(*store, [&](Session& s) { return s.checkpoints().put({"erp", stream, cursor, "{}", at(when)}); });
        };
        put("orders", "1", 1);
        put("orders", "2", 2);
        put("partners", "9", 3);
        const auto found = read(*store, [](ReadSession& s) { return s.checkpoints().get("erp", "orders"); });
        REQUIRE(found);
        CHECK(found->cursor == "2");
        CHECK(found->updated_at == at(2));
        CHECK(read(*store, [](ReadSession& s) { return s.checkpoints().list(); }).size() == 2);
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.checkpoints().get("shop", "orders"); }));
        write(*store, [](Session& s) { return s.checkpoints().remove("erp", "orders"); });
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.checkpoints().get("erp", "orders"); }));
    }
    SECTION("runs are listed newest first") {
        for (int n = 0; n < 3; ++n) {
            auto id = write(*store, [&](Session& s) { return s.jobs().begin("erp", "orders", at(n)); });
            JobRun run{.id = id,
                       .ended_at = at(n + 10),
                       .records = 5,
                       .unchanged = 2,
                       .quarantined = 1,
                       .error = "gone",
                       .cursor = "c"};
            if (n < 2) write(*store, [&](Session& s) { return s.jobs().update(run); });
        }
        const auto list = [&](const std::string& stream, std::int64_t before, std::size_t limit) {
            return read(*store, [&](ReadSession& s) { return s.jobs().list("erp", stream, before, limit); });
        };
        const auto first = list("orders", 0, 2);
        REQUIRE(first.size() == 2);
        CHECK(first[0].started_at == at(2));
        CHECK_FALSE(first[0].ended_at);
        CHECK(first[1].records == 5);
        CHECK(first[1].error == "gone");
        CHECK(list("", first[1].id, 9).size() == 1);
        CHECK(list("partners", 0, 9).empty());
        CHECK(failure(*store, [](Session& s) { return s.jobs().update({.id = 4711}); }).fault == Fault::not_found);
        CHECK(write(*store, [](Session& s) { return s.jobs().sweep(at(11), 9); }) == 2);
    }
    SECTION("a lease is held by one until it runs out, and each owner gets a larger token") {
        const auto first = acquire("a", at(0));
        REQUIRE(first);
        CHECK_FALSE(acquire("b", at(59)));
        CHECK_FALSE(acquire("a", at(59)));
        const auto second = acquire("b", at(60));
        REQUIRE(second);
        CHECK(*second > *first);
        CHECK(read(*store, [](ReadSession& s) { return s.leases().get("erp/orders"); })->owner == "b");
    }
    SECTION("a stale token rolls back the whole write") {
        const auto stale = acquire("a", at(0));
        const auto current = acquire("b", at(100));
        const auto save = [](Session& s, std::uint64_t token, const std::string& cursor) -> Result<void> {
            CHECK_OK(s.checkpoints().put({"erp", "orders", cursor, "{}", at(1)}));
            return s.leases().check("erp/orders", token);
        };
        write(*store, [&](Session& s) { return save(s, *current, "good"); });
        CHECK(failure(*store, [&](Session& s) { return save(s, *stale, "bad"); }).fault == Fault::conflict);
        CHECK(read(*store, [](ReadSession& s) { return s.checkpoints().get("erp", "orders"); })->cursor == "good");
    }
    SECTION("a lease is extended and released by its token alone") {
        const auto token = acquire("a", at(0));
        write(*store, [&](Session& s) { return s.leases().extend("erp/orders", *token, kTtl, at(50)); });
        CHECK_FALSE(acquire("b", at(100)));
        write(*store, [&](Session& s) { return s.leases().release("erp/orders", *token + 1); });
        CHECK_FALSE(acquire("b", at(100)));
        write(*store, [&](Session& s) { return s.leases().release("erp/orders", *token); });
        CHECK(acquire("b", at(100)));
        CHECK(failure(*store, [&](Session& s) { return s.leases().extend("erp/orders", *token, kTtl, at(1)); }).fault ==
              Fault::conflict);
    }
    SECTION("after a restart a lease is free and its token goes on") {
        const auto before = acquire("a", at(0));
        store.reset();
        store = engine.open();
        if (engine.shared()) CHECK_FALSE(acquire("a", at(59)));  // its holder may live
        const auto after = acquire("a", at(engine.shared() ? 60 : 1));
        REQUIRE(after);
        CHECK(*after > *before);
    }
}

}  // namespace tributary::contract
