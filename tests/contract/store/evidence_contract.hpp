// Consent events, suppressions, disclosures, keys, secrets and the audit log.
#pragma once

#include <vector>

#include "gateway/store/vault_stores.hpp"
#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_consent_state(Engine& engine) {
    using namespace store;
    auto store = engine.open();

    SECTION("consent events are kept once, in order of arrival, by subject") {
        const auto event = [](std::uint32_t number, std::uint32_t subject, std::int64_t when) {
            return ConsentEventRow{0, uid(number), uid(subject), "marketing.email", at(when), at(50), "{}", "sealed"};
        };
        const auto put = [&](std::vector<ConsentEventRow> rows) {
            return write(*store, [&](Session& s) { return s.consent_events().put(rows); });
        };
        CHECK(put({event(1, 100, 9), event(2, 200, 1), event(3, 100, 5)}) == 3);
        CHECK(put({event(1, 100, 9), event(4, 100, 1)}) == 1);
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

inline void check_erasures(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto add = [&](std::vector<Erasure> rows) {
        return write(*store, [&](Session& s) { return s.erasures().add(rows); });
    };
    const auto since = [&](std::uint32_t subject) {
        const std::vector subjects{uid(subject)};
        return read(*store, [&](ReadSession& s) { return s.erasures().contains(subjects); }).front();
    };
    const auto key_since = [&](std::uint32_t key) {
        const std::vector keys{digest(key)};
        return read(*store, [&](ReadSession& s) { return s.erasures().contains_keys(keys); }).front();
    };
    CHECK(add({{0, uid(9), uid(1), {digest(1), digest(2)}, false, at(10)}, {0, uid(9), uid(2), {}, false, at(11)}}) ==
          2);

    SECTION("who was erased is known by subject and by key, over a restart") {
        store.reset();
        store = engine.open();
        CHECK(since(1) == at(10));
        CHECK(since(2) == at(11));
        CHECK_FALSE(since(3));
        CHECK(key_since(2) == at(10));
        CHECK_FALSE(key_since(3));
    }
    SECTION("the same request again changes nothing") {
        CHECK(add({{0, uid(9), uid(1), {digest(3)}, false, at(99)}}) == 0);
        CHECK(since(1) == at(10));
        CHECK_FALSE(key_since(3));
    }
    SECTION("a readmission ends it until the next erasure") {
        CHECK(add({{0, uid(7), uid(1), {digest(1)}, true, at(20)}}) == 1);
        CHECK_FALSE(since(1));
        CHECK_FALSE(key_since(1));
        CHECK(key_since(2) == at(10));
        CHECK(add({{0, uid(8), uid(1), {digest(1)}, false, at(30)}}) == 1);
        CHECK(since(1) == at(30));
        CHECK(key_since(1) == at(30));
    }
    SECTION("a follower reads all of it in order") {
        const auto first = read(*store, [](ReadSession& s) { return s.erasures().after(0, 1); });
        REQUIRE(first.size() == 1);
        CHECK(first[0].request == uid(9));
        CHECK(first[0].subject == uid(1));
        CHECK(first[0].keys.size() == 2);
        CHECK(first[0].at == at(10));
        CHECK_FALSE(first[0].readmitted);
        const auto rest = read(*store, [&](ReadSession& s) { return s.erasures().after(first[0].seq, 9); });
        REQUIRE(rest.size() == 1);
        CHECK(rest[0].subject == uid(2));
        CHECK(rest[0].keys.empty());
    }
}

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
        write(*store,
              [](Session& s) { return s.keys().rewrap(std::vector<vault::WrappedKey>{{uid(1), uid(78), "new"}}); });
        CHECK(read(*store, [](ReadSession& s) { return s.keys().wrapped_by(uid(78), Uid{}, 9); }).size() == 2);
        CHECK(write(*store, [](Session& s) { return s.keys().destroy(std::vector{uid(1), uid(9)}); }) == 1);
        const auto rewrap = [](Session& s) {
            return s.keys().rewrap(std::vector<vault::WrappedKey>{{uid(1), uid(78), "new"}});
        };
        CHECK(failure(*store, rewrap).fault == Fault::not_found);
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

inline void check_audit(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    const auto append = [&](std::vector<std::string> entries) {
        return write(*store, [&](Session& s) { return s.audit().append(entries); });
    };
    const auto entries = [&](std::int64_t after, std::size_t limit) {
        return read(*store, [&](ReadSession& s) { return s.audit().read(after, limit); });
    };

    SECTION("entries are chained without gaps, over rollbacks and restarts") {
        CHECK(append({"one", "two"}) == 1);
        failure(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.audit().append(std::vector<std::string>{"undone"}));
            return fail(Fault::conflict, "changed my mind");
        });
        CHECK(append({"three"}) == 3);
        store.reset();
        store = engine.open();
        CHECK(append({"four"}) == 4);
        audit::Hash chain{};
        std::int64_t seq = 0;
        for (const auto& entry : entries(0, 100)) {
            CHECK(entry.seq == ++seq);
            CHECK(entry.leaf == audit::leaf_hash(entry.bytes));
            CHECK(entry.chain == audit::chain_hash(chain, entry.leaf));
            chain = entry.chain;
        }
        CHECK(seq == 4);
        const auto rows = entries(1, 2);
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].bytes == "two");
        CHECK(read(*store, [](ReadSession& s) { return s.audit().last(); })->seq == 4);
    }
    SECTION("the hashes are those of the documented form") {
        append({"abc"});
        const auto row = read(*store, [](ReadSession& s) { return s.audit().last(); });
        REQUIRE(row);
        const auto leaf = crypto::sha256(std::string("\0abc", 4));
        CHECK(row->leaf == leaf);
        CHECK(row->chain == crypto::sha256(std::string(1, '\x01') + std::string(32, '\0') + leaf.text()));
    }
    SECTION("an entry that is too long is refused whole") {
        failure(*store, [](Session& s) {
            return s.audit().append(std::vector<std::string>{"short", std::string(audit::kLongestEntry + 1, 'x')});
        });
        CHECK(append({"one"}) == 1);
    }
    SECTION("checkpoints come in order of size, one of each") {
        const auto put = [&](std::uint64_t size, const std::string& note) {
            write(*store, [&](Session& s) {
                return s.audit().put_checkpoint(
                    {size, Timestamp{std::chrono::seconds(9)}, std::string("\0p", 2), note});
            });
        };
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.audit().last_checkpoint(); }));
        put(9, "nine");
        put(5, "five");
        put(9, "again");
        const auto all = read(*store, [](ReadSession& s) { return s.audit().checkpoints(0, 10); });
        REQUIRE(all.size() == 2);
        CHECK(all[0].note == "five");
        CHECK(all[1].note == "nine");
        CHECK(read(*store, [](ReadSession& s) { return s.audit().checkpoints(5, 10); }).size() == 1);
        const auto last = read(*store, [](ReadSession& s) { return s.audit().last_checkpoint(); });
        REQUIRE(last);
        CHECK(last->size == 9);
        CHECK(last->at == Timestamp{std::chrono::seconds(9)});
        CHECK(last->parts == std::string("\0p", 2));
    }
    SECTION("no act without its entry") {
        failure(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.audit().append(std::vector<std::string>{"consent recorded"}));
            return s.jobs().update({.id = 4711});
        });
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.audit().last(); }));
    }
}

}  // namespace tributary::contract
