// Erasures, the rows of a person, and what was asked for and decided about subjects.
#pragma once

#include <vector>

#include "gateway/base/text.hpp"
#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

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

}  // namespace tributary::contract
