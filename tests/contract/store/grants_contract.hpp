#pragma once

#include "gateway/store/vault_stores.hpp"
#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_grants(Engine& engine) {
    using namespace store;
    using vault::GrantPhase;
    auto store = engine.open();
    StoredGrants grants(*store);
    StoredSecrets secrets(*store);
    const auto lease = [&](std::uint64_t version, std::int64_t now) {
        return must(grants.lease_grant("mail", version, "p1", at(now), at(now + 60)));
    };
    const auto secret = [](std::uint32_t version) {
        return vault::SealedSecret{"mail", version, at(1), at(1), {}, {"oauth.obtained"}, "k", "s"};
    };
    CHECK_FALSE(must(grants.find_grant("mail")));
    const auto first = lease(0, 10);
    REQUIRE(first);

    SECTION("one holds the lease of a version until it runs out") {
        CHECK_FALSE(lease(0, 69));
        const auto second = lease(0, 70);
        REQUIRE(second);
        CHECK(second->fence > first->fence);
        CHECK_FALSE(lease(1, 200));
        CHECK(must(grants.find_grant("mail"))->lease_owner == "p1");
        CHECK(must(grants.list_grants()).size() == 1);
    }
    SECTION("a stale fence changes nothing") {
        const auto second = lease(0, 70);
        REQUIRE(second);
        CHECK(grants.mark_grant(*first, GrantPhase::refreshing, "m", at(71)).error().fault == Fault::conflict);
        CHECK(grants.release_grant(*first, GrantPhase::needs_login, "no", at(71)).error().fault == Fault::conflict);
        CHECK(grants.save_grant(*first, secret(1), at(71)).error().fault == Fault::conflict);
        CHECK_FALSE(must(secrets.find_secret("mail")));
        CHECK(must(grants.find_grant("mail"))->phase == GrantPhase::idle);
    }
    SECTION("the intent outlives the lease and the process") {
        must(grants.mark_grant(*first, GrantPhase::refreshing, "m", at(11)));
        store.reset();
        store = engine.open();
        StoredGrants again(*store);
        const auto state = must(again.find_grant("mail"));
        REQUIRE(state);
        CHECK(state->phase == GrantPhase::refreshing);
        CHECK(state->mark == "m");
        CHECK(state->lease_until == at(70));
    }
    SECTION("tokens and their version are saved together, and free the lease") {
        must(grants.mark_grant(*first, GrantPhase::refreshing, "m", at(11)));
        must(grants.save_grant(*first, secret(1), at(12)));
        const auto state = must(grants.find_grant("mail"));
        CHECK(state->version == 1);
        CHECK(state->phase == GrantPhase::idle);
        CHECK(state->mark.empty());
        CHECK_FALSE(state->leased(at(13)));
        CHECK(must(secrets.find_secret("mail"))->version == 1);
        // Once: what was given back is not ours.
        CHECK(grants.save_grant(*first, secret(2), at(13)).error().fault == Fault::conflict);
    }
    SECTION("a secret that changed meanwhile leaves version and lease as they were") {
        must(secrets.put_secret(secret(1)));
        const auto refused = grants.save_grant(*first, secret(1), at(12));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::conflict);
        CHECK(refused.error().where == "secret mail");
        CHECK(must(grants.find_grant("mail"))->version == 0);
        must(grants.save_grant(*first, secret(2), at(13)));
    }
    SECTION("a lease is given back with its reason") {
        must(grants.release_grant(*first, GrantPhase::needs_login, "revoked", at(12)));
        const auto state = must(grants.find_grant("mail"));
        CHECK(state->phase == GrantPhase::needs_login);
        CHECK(state->error == "revoked");
        CHECK(lease(0, 13));
    }
    SECTION("a login wins over whoever holds the lease") {
        must(grants.mark_grant(*first, GrantPhase::refreshing, "m", at(11)));
        must(grants.replace_grant("mail", secret(1), at(12)));
        CHECK(must(grants.find_grant("mail"))->version == 1);
        CHECK(grants.save_grant(*first, secret(2), at(13)).error().fault == Fault::conflict);
        CHECK(grants.release_grant(*first, GrantPhase::needs_login, "no", at(13)).error().fault == Fault::conflict);
        CHECK(lease(1, 14));
        must(grants.replace_grant("other", {"other", 1, at(1), at(1), {}, {"a"}, "k", "s"}, at(15)));
        CHECK(must(grants.find_grant("other"))->version == 1);
    }
}

}  // namespace tributary::contract
