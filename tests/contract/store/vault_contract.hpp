// Keys, secrets and what is sealed with them.
#pragma once

#include <vector>

#include "gateway/crypto/aead.hpp"
#include "gateway/store/vault_stores.hpp"
#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_vault_state(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const vault::WrappedKey key{uid(1), uid(77), std::string("w\0w", 3)};
    const auto put = [&](vault::WrappedKey one) {
        return store->write([&](Session& s) { return s.keys().put(std::span(&one, 1)); });
    };

    SECTION("the first key of a subject wins") {
        CHECK(put(key));
        CHECK(put(key));
        auto other = key;
        other.wrapped = "other";
        const auto refused = put(other);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::conflict);
        StoredKeys keys(*store);
        const std::vector subjects{uid(2), uid(1)};
        const auto found = must(keys.subject_keys(subjects));
        CHECK_FALSE(found[0]);
        CHECK(found[1]->wrapped == std::string("w\0w", 3));
        CHECK(found[1]->kek == uid(77));
    }
    SECTION("keys are found by what wraps them, wrapped anew and destroyed") {
        for (std::uint32_t n = 1; n <= 5; ++n) CHECK(put({uid(n), uid(n == 3 ? 78 : 77), "w"}));
        const auto first = read(*store, [](ReadSession& s) { return s.keys().wrapped_by(uid(77), Uid{}, 2); });
        REQUIRE(first.size() == 2);
        CHECK(read(*store, [&](ReadSession& s) { return s.keys().wrapped_by(uid(77), first[1].subject, 9); }).size() ==
              2);
        const std::vector<vault::Rewrapped> anew{{{uid(1), uid(77), "w"}, {uid(1), uid(78), "new"}},
                                                 {{uid(2), uid(77), "changed since"}, {uid(2), uid(78), "new"}},
                                                 {{uid(9), uid(77), "w"}, {uid(9), uid(78), "new"}}};
        CHECK(write(*store, [&](Session& s) { return s.keys().rewrap(anew); }) == 1);
        CHECK(read(*store, [](ReadSession& s) { return s.keys().wrapped_by(uid(78), Uid{}, 9); }).size() == 2);
        std::uint64_t by_77 = 0;
        for (const auto& count : read(*store, [](ReadSession& s) { return s.keys().wrapped_counts(); }))
            if (count.kek == uid(77)) by_77 = count.keys;
        CHECK(by_77 == 3);
        CHECK(write(*store, [](Session& s) { return s.keys().destroy(std::vector{uid(1), uid(9)}); }) == 1);
        CHECK(write(*store, [&](Session& s) { return s.keys().rewrap(anew); }) == 0);
    }
    SECTION("nothing is put any more that a retired key wraps or seals") {
        crypto::SeededRandom random(1);
        const auto old = crypto::AeadKey::generate(random), young = crypto::AeadKey::generate(random);
        const auto entry = [&](const crypto::AeadKey& key, std::uint8_t number) {
            InboxEntry made{"shop", {}, "topic", at(1), "", key.seal({}, "body", random)};
            made.dedup_key[0] = number;
            return made;
        };
        const auto accept = [&](const InboxEntry& one) {
            return store->write([&](Session& s) -> Result<void> {
                CHECK_OK(s.inbox().put(std::span(&one, 1)));
                return {};
            });
        };
        StoredSecrets secrets(*store);
        const auto secret = [&](const crypto::AeadKey& key, std::uint32_t version) {
            return vault::SealedSecret{"a", version, at(1), at(1), {}, {"f"}, key.seal({}, "k", random), "s"};
        };
        CHECK(accept(entry(old, 1)));
        CHECK(put({uid(1), old.id(), "w"}));
        must(secrets.put_secret(secret(old, 1)));
        CHECK_FALSE(read(*store, [&](ReadSession& s) { return s.keys().is_retired(old.id()); }));
        CHECK(read(*store, [&](ReadSession& s) { return s.inbox().count_sealed_with(old.id()); }) == 1);
        const auto bodies = read(*store, [&](ReadSession& s) { return s.inbox().sealed_with(old.id(), 0, 9); });
        REQUIRE(bodies.size() == 1);
        CHECK(bodies[0].connection == "shop");
        const auto anew = young.seal({}, "body", random);
        CHECK(write(*store, [&](Session& s) { return s.inbox().reseal(bodies[0], anew); }));
        CHECK_FALSE(write(*store, [&](Session& s) { return s.inbox().reseal(bodies[0], anew); }));
        const auto kept = *must(secrets.find_secret("a"));
        CHECK(write(*store, [&](Session& s) { return s.secrets().rewrap(kept, young.seal({}, "k", random)); }));
        CHECK_FALSE(write(*store, [&](Session& s) { return s.secrets().rewrap(kept, young.seal({}, "k", random)); }));
        for (int twice = 0; twice < 2; ++twice)
            must(store->write([&](Session& s) { return s.keys().retire(old.id()); }));
        CHECK(read(*store, [&](ReadSession& s) { return s.keys().is_retired(old.id()); }));
        CHECK(read(*store, [&](ReadSession& s) { return s.inbox().count_sealed_with(old.id()); }) == 0);
        CHECK(accept(entry(old, 2)).error().fault == Fault::conflict);
        CHECK(accept(entry(young, 2)));  // the refused one left no trace
        CHECK(put({uid(2), old.id(), "w"}).error().fault == Fault::conflict);
        CHECK(put({uid(2), young.id(), "w"}));
        const vault::Rewrapped back{{uid(2), young.id(), "w"}, {uid(2), old.id(), "v"}};
        const auto rewrapped = store->write([&](Session& s) -> Result<void> {
            CHECK_OK(s.keys().rewrap(std::span(&back, 1)));
            return {};
        });
        REQUIRE_FALSE(rewrapped);
        CHECK(rewrapped.error().fault == Fault::conflict);
        CHECK(secrets.put_secret(secret(old, 2)).error().fault == Fault::conflict);
        CHECK(secrets.put_secret(secret(young, 2)));
        // Notes that were read before the key was retired are not put back as they were.
        const auto note = [&](const crypto::AeadKey& key, int kind) {
            const auto sealed = key.seal({}, "n", random);
            return store->write([&](Session& s) -> Result<void> {
                if (kind == 0) return s.accounts().put(access::User{.name = "u", .totp = sealed});
                if (kind == 1) return s.accounts().put(access::User{.name = "u", .totp_next = sealed});
                if (kind == 2) return s.approvals().put(access::Approval{.id = "a", .arguments = sealed});
                if (kind == 3) return s.idempotency().put(IdempotentWrite{.key = {}, .answer = sealed});
                const NewPropagationTask task{.request = uid(9), .destination = "crm", .sealed = sealed};
                CHECK_OK(s.propagation().put(std::span(&task, 1)));
                return {};
            });
        };
        for (int kind = 0; kind < 5; ++kind) {
            CAPTURE(kind);
            const auto refused = note(old, kind);
            REQUIRE_FALSE(refused);
            CHECK(refused.error().fault == Fault::conflict);
            CHECK(note(young, kind));
        }
    }
    SECTION("a secret is replaced only from the version before") {
        StoredSecrets secrets(*store);
        vault::SealedSecret secret{"webshop",        1,   at(1), at(1), {"", "shopify", {"a.example", "b.example"}},
                                   {"key", "token"}, "k", "s"};
        must(secrets.put_secret(secret));
        CHECK(secrets.put_secret(secret).error().fault == Fault::conflict);
        secret.version = 3;
        CHECK(secrets.put_secret(secret).error().fault == Fault::conflict);
        secret.version = 2;
        secret.binding.allowed_hosts.clear();
        must(secrets.put_secret(secret));
        const auto found = must(secrets.find_secret("webshop"));
        REQUIRE(found);
        CHECK(found->version == 2);
        CHECK(found->binding == secret.binding);
        CHECK(found->fields == std::vector<std::string>{"key", "token"});
        CHECK(must(secrets.list_secrets()).size() == 1);
        CHECK_FALSE(must(secrets.find_secret("crm")));
        must(secrets.remove_secret("webshop"));
        CHECK(secrets.remove_secret("webshop").error().fault == Fault::not_found);
    }
}

}  // namespace tributary::contract
