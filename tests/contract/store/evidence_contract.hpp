// Consent events, suppressions, disclosures, keys, secrets and the audit log.
#pragma once

#include <vector>

#include "gateway/base/text.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/store/vault_stores.hpp"
#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_consent_state(Engine& engine) {
    using namespace store;
    auto store = engine.open();

    SECTION("the position of the outer ledger is one, and the newest") {
        const LedgerPosition position{7, std::string(32, 'm'), 3, 2, 1};
        CHECK(read(*store, [](ReadSession& s) { return s.ledger_position().get(); }) == LedgerPosition{});
        write(*store, [](Session& s) { return s.ledger_position().put({1, "m", 1, 0, 0}); });
        write(*store, [&](Session& s) { return s.ledger_position().put(position); });
        CHECK(read(*store, [](ReadSession& s) { return s.ledger_position().get(); }) == position);
    }
    SECTION("consent events are kept once, in order of arrival, by subject") {
        const auto event = [](std::uint32_t number, std::uint32_t subject, std::int64_t when) {
            return ConsentEventRow{0, uid(number), uid(subject), "marketing.email", at(when), at(50), "{}", "sealed"};
        };
        const auto put = [&](std::vector<ConsentEventRow> rows) {
            return write(*store, [&](Session& s) { return s.consent_events().put(rows); });
        };
        CHECK(put({event(1, 100, 9), event(2, 200, 1), event(3, 100, 5)}) == 3);
        const auto newest = [&] { return read(*store, [](ReadSession& s) { return s.consent_events().newest(); }); };
        const auto before = newest();
        CHECK(put({event(1, 100, 9)}) == 0);
        CHECK(newest() == before);
        CHECK(put({event(1, 100, 9), event(4, 100, 1)}) == 1);
        CHECK(newest() > before);
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
        const auto acts = read(*store, [](ReadSession& s) { return s.suppressions().acts(0, 10); });
        REQUIRE(acts.size() >= 2);
        CHECK(acts[0].seq < acts[1].seq);
        CHECK(read(*store, [&](ReadSession& s) { return s.suppressions().acts(acts.back().seq, 10); }).empty());
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

inline void check_subjects(Engine& engine) {
    using namespace store;
    auto store = engine.open();

    SECTION("a request is changed by one at a time") {
        const auto put = [&](std::uint64_t version, std::string state, std::optional<Timestamp> closed) {
            const SubjectRequestRow row{uid(1), version, "erasure", std::move(state), at(5), at(50),
                                        closed, "{}",    "{}"};
            return store->write([&](Session& s) { return s.subject_requests().put(row); });
        };
        CHECK(put(0, "received", std::nullopt));
        CHECK(put(0, "received", std::nullopt).error().fault == Fault::conflict);
        CHECK(put(1, "verified", std::nullopt));
        CHECK(put(1, "rejected", std::nullopt).error().fault == Fault::conflict);
        const auto row = read(*store, [](ReadSession& s) { return s.subject_requests().get(uid(1)); });
        REQUIRE(row);
        CHECK(row->version == 2);
        CHECK(row->state == "verified");
        CHECK(row->due_at == at(50));
        CHECK(read(*store, [](ReadSession& s) { return s.subject_requests().overdue(at(51)); }) == 1);
        CHECK(put(2, "completed", at(40)));
        CHECK(read(*store, [](ReadSession& s) { return s.subject_requests().overdue(at(51)); }) == 0);
        CHECK(read(*store, [](ReadSession& s) { return s.subject_requests().list(true, {}, 9); }).empty());
        CHECK(read(*store, [](ReadSession& s) { return s.subject_requests().list(false, {}, 9); }).size() == 1);
    }
    SECTION("a mark holds until it ends or is removed") {
        write(*store, [](Session& s) {
            return s.subject_marks().put(
                std::vector<SubjectMark>{{MarkKind::held, uid(1), "case 7", std::nullopt, "anna", at(1)},
                                         {MarkKind::held, uid(2), "case 8", at(10), "anna", at(1)},
                                         {MarkKind::restricted, uid(3), "request", std::nullopt, "anna", at(1)}});
        });
        const std::vector all{uid(1), uid(2), uid(3)};
        const auto held = [&](std::int64_t now) {
            return read(*store, [&](ReadSession& s) { return s.subject_marks().of(MarkKind::held, all, at(now)); });
        };
        CHECK(held(9).size() == 2);
        REQUIRE(held(10).size() == 1);
        CHECK(held(10)[0].basis == "case 7");
        CHECK(read(*store, [](ReadSession& s) { return s.subject_marks().list(MarkKind::held, {}, 9); }).size() == 2);
        CHECK(write(*store, [&](Session& s) { return s.subject_marks().remove(MarkKind::held, all); }) == 2);
        CHECK(held(9).empty());
    }
    SECTION("a remainder stays until its time is over") {
        write(*store, [](Session& s) {
            return s.remainders().put(
                std::vector<Remainder>{{uid(1), "order", "legal_obligation", "{}", at(1), at(10)},
                                       {uid(2), "order", "legal_obligation", "{}", at(1), at(20)}});
        });
        CHECK(read(*store, [](ReadSession& s) { return s.remainders().count(); }) == 2);
        CHECK(write(*store, [](Session& s) { return s.remainders().sweep(at(15), 9); }) == 1);
        const auto left = read(*store, [](ReadSession& s) { return s.remainders().list({}, 9); });
        REQUIRE(left.size() == 1);
        CHECK(left[0].token == uid(2));
        CHECK(left[0].entity == "order");
    }
}

inline store::RecordRow person_record(std::uint32_t number, std::uint32_t subject, std::string entity) {
    store::RecordRow row;
    row.header.uid = uid(number);
    row.header.subject = uid(subject);
    row.key = {"shop", entity, std::to_string(number)};
    row.entity = std::move(entity);
    row.clear = "{}";
    row.sealed = "sealed";
    return row;
}

// A person with two contact records (1, 2), an order (3) and a trace in every table; and somebody else (11), whose rows
// look alike.
inline void put_people(store::Store& store) {
    using namespace store;
    write(store, [](Session& s) -> Result<void> {
        CHECK_OK(s.records().put(std::vector{person_record(1, 101, "contact"), person_record(2, 102, "contact"),
                                             person_record(3, 101, "order"), person_record(11, 111, "contact")}));
        for (const std::uint32_t n : {1U, 2U, 11U}) {
            CHECK_OK(put_keys(s, uid(n), {digest(n), digest(50)}));
            const Link link{uid(n), uid(n == 11 ? 11 : 1), "[]", at(1)};
            CHECK_OK(s.identity().set_links(std::span(&link, 1)));
        }
        CHECK_OK(s.identity().put_customers(
            std::vector<Customer>{{uid(1), digest(1), 1, at(1)}, {uid(11), digest(2), 1, at(1)}}));
        CHECK_OK(s.identity().put_alias(uid(2), uid(1), at(1)));
        CHECK_OK(s.identity().put_pairs(std::vector<ManualPair>{{uid(1), uid(2), PairRule::must_link, "anna", at(1)}}));
        CHECK_OK(s.remote_ids().put(std::vector<RemoteId>{
            {"crm", "contact", uid(1), "R1"}, {"crm", "order", uid(3), "R3"}, {"crm", "contact", uid(11), "R11"}}));
        std::vector<NewItem> items;
        for (const std::uint32_t n : {1U, 2U, 11U}) {
            auto& item = items.emplace_back();
            item.destination = "crm";
            item.lane_key = uid(n).text();
            item.entity = "contact";
            item.record = item.customer = uid(n);
            item.subject = uid(100 + n);
            item.operation = "crm:upsert";
            item.op_key = digest(n);
        }
        CHECK_OK(s.outbox().enqueue(items));
        for (const std::uint32_t n : {1U, 11U}) {
            WithheldRow held;
            held.destination = "mail";
            held.record = held.customer = uid(n);
            CHECK_OK(s.withheld().put(std::span(&held, 1)));
            NewDeadLetter letter;
            letter.stage = "map";
            letter.connection = "shop";
            letter.record = uid(n);
            letter.subject = uid(100 + n);
            CHECK_OK(s.dead_letters().put(std::span(&letter, 1)));
            const ConsentEventRow event{0,
                                        uid(200 + n),
                                        uid(100 + n),
                                        "marketing.email",
                                        at(1),
                                        at(1),
                                        R"({"subject_ref":"x","contact_point":{"hash":"h"}})",
                                        "proof"};
            CHECK_OK(s.consent_events().put(std::span(&event, 1)));
            const Disclosure told{uid(100 + n), "service.order", "crm", "R", digest(1), at(1), at(1)};
            CHECK_OK(s.disclosures().put(std::span(&told, 1)));
            const vault::WrappedKey key{uid(100 + n), uid(77), "w"};
            CHECK_OK(s.keys().put(std::span(&key, 1)));
        }
        return {};
    });
}

inline void check_person_rows(Engine& engine) {
    using namespace store;
    auto store = engine.open();
    put_people(*store);
    const auto person = read(*store, [](ReadSession& s) { return s.person_rows().widen({{uid(1)}, {}, {}}); });
    CHECK(person.customers == std::vector{uid(1), uid(2)});
    CHECK(person.records == std::vector{uid(1), uid(2), uid(3)});
    CHECK(person.subjects == std::vector{uid(101), uid(102)});
    const auto counts = [&] { return read(*store, [&](ReadSession& s) { return s.person_rows().count(person); }); };
    CHECK(read(*store, [&](ReadSession& s) { return s.person_rows().items(person); }).size() == 2);
    CHECK(read(*store, [&](ReadSession& s) { return s.person_rows().remote_ids(person); }).size() == 2);
    const auto remove = [&](Session& s) { return s.person_rows().remove(person, uid(9)); };

    SECTION("all of it goes, and nothing of anybody else") {
        const auto gone = write(*store, remove);
        CHECK(gone.records == 3);
        CHECK(gone.match_keys == 4);
        CHECK(gone.links == 2);
        CHECK(gone.manual_pairs == 1);
        CHECK(gone.customers == 1);
        CHECK(gone.aliases == 1);
        CHECK(gone.remote_ids == 2);
        CHECK(gone.items == 2);
        CHECK(gone.withheld == 1);
        CHECK(gone.dead_letters == 1);
        CHECK(gone.disclosures == 1);
        CHECK(gone.consent_events == 1);
        CHECK(gone.keys == 1);
        const auto left = counts();
        CHECK(left.records + left.match_keys + left.links + left.manual_pairs + left.customers + left.aliases +
                  left.remote_ids + left.items + left.withheld + left.dead_letters + left.attempts + left.disclosures +
                  left.consent_events + left.marks + left.keys ==
              0);
        const auto other = read(*store, [](ReadSession& s) -> Result<PersonCounts> {
            TRY(auto found, s.person_rows().widen({{uid(11)}, {}, {}}));
            return s.person_rows().count(found);
        });
        CHECK(other.records == 1);
        CHECK(other.match_keys == 2);
        CHECK(other.items == 1);
        CHECK(other.dead_letters == 1);
        CHECK(other.consent_events == 1);
        CHECK(other.keys == 1);
        // Nobody is left waiting for items that are gone.
        const auto depths = read(*store, [](ReadSession& s) { return s.outbox().depths(); });
        REQUIRE(depths.size() == 1);
        CHECK(depths[0].items == 1);
    }
    SECTION("consent stays as evidence under a pseudonym") {
        write(*store, remove);
        const std::vector pseudonyms{uid(9)};
        const auto kept = read(*store, [&](ReadSession& s) { return s.consent_events().of(pseudonyms); }).front();
        REQUIRE(kept.size() == 1);
        CHECK(kept[0].sealed.empty());
        // As a JSON value: engines space it as they like.
        CHECK(replace_all(kept[0].body, " ", "") == R"({"subject_ref":")" + uid(9).text() + R"("})");
    }
    SECTION("what is under way is waited for, and then nothing was removed") {
        write(*store, [](Session& s) { return s.outbox().claim({"crm", 9, 9, at(5), Milliseconds{1000}, "worker"}); });
        CHECK(read(*store, [&](ReadSession& s) { return s.person_rows().lanes_under_way(person); }) == 2);
        CHECK(failure(*store, remove).fault == Fault::conflict);
        CHECK(counts().records == 3);
    }
    SECTION("the log is empty when it was settled") {
        write(*store, remove);
        CHECK(store->settle_log());
        CHECK(store->health().log_bytes == 0);
        const std::vector keys{digest(1)};
        CHECK(read(*store, [&](ReadSession& s) { return s.identity().records_by_keys(keys, 9); })[0].records.empty());
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
