#include "gateway/vault/subject_keys.hpp"

#include <atomic>
#include <thread>

#include "tests/unit/vault/fixture.hpp"
#include "tests/unit/vault/memory_stores.hpp"

using namespace tributary;
using namespace tributary::vault;

namespace {

struct KeyRoom : Keys {
    MemoryKeyStore store;
    SubjectKeys subjects{ring, random};

    std::string committed(const Uid& subject, std::string_view text) {
        auto batch = subjects.batch({{subject}}, store).value();
        auto sealed = batch.seal(subject, {"row"}, text).value();
        REQUIRE(store.put(batch.fresh()));
        batch.committed();
        return sealed;
    }
};

Uid numbered(std::uint8_t number) {
    return Uid{{number, 1}};
}
const Uid kAnna = numbered(1), kBerta = numbered(2);

}  // namespace

TEST_CASE("a field sealed for a subject opens for it, after a restart too", "[subject_keys]") {
    KeyRoom room;
    auto sealed = room.committed(kAnna, "Anna Muster");
    CHECK(room.subjects.open(kAnna, {"row"}, sealed, room.store).value() == "Anna Muster");
    SubjectKeys restarted(room.ring, room.random);
    CHECK(restarted.open(kAnna, {"row"}, sealed, room.store).value() == "Anna Muster");
    CHECK(restarted.batch({{kAnna}}, room.store).value().fresh().empty());
}

TEST_CASE("a sealed field moved to another row or subject does not open", "[subject_keys]") {
    KeyRoom room;
    auto anna = room.committed(kAnna, "Anna Muster");
    room.committed(kBerta, "Berta");
    CHECK(room.subjects.open(kAnna, {"other row"}, anna, room.store).error().fault == Fault::refused);
    CHECK(room.subjects.open(kBerta, {"row"}, anna, room.store).error().fault == Fault::not_found);
    // Wrapped keys swapped in the database.
    std::swap(room.store.rows.at(kAnna).wrapped, room.store.rows.at(kBerta).wrapped);
    SubjectKeys restarted(room.ring, room.random);
    CHECK(restarted.open(kAnna, {"row"}, anna, room.store).error().fault == Fault::internal);
}

TEST_CASE("destroying the key erases what was sealed with it", "[subject_keys]") {
    KeyRoom room;
    auto sealed = room.committed(kAnna, "Anna Muster");
    room.store.rows.erase(kAnna);
    room.subjects.forget({{kAnna}});
    auto opened = room.subjects.open(kAnna, {"row"}, sealed, room.store);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == Fault::not_found);
    CHECK(opened.error().what == "subject key destroyed");
    // New data of the same person gets a new key; the old data stays closed.
    auto later = room.committed(kAnna, "Anna again");
    CHECK(room.subjects.open(kAnna, {"row"}, later, room.store).value() == "Anna again");
    CHECK(room.subjects.open(kAnna, {"row"}, sealed, room.store).error().what == "subject key destroyed");
}

TEST_CASE("subjects that repeat in a batch share one key", "[subject_keys]") {
    KeyRoom room;
    auto batch = room.subjects.batch({{kAnna, kBerta, kAnna}}, room.store).value();
    CHECK(batch.fresh().size() == 2);
    CHECK(room.store.reads == 1);
    CHECK(batch.seal(numbered(9), {"row"}, "x").error().fault == Fault::internal);
}

TEST_CASE("a key whose transaction failed is not used again", "[subject_keys]") {
    KeyRoom room;
    std::string sealed;
    {
        auto batch = room.subjects.batch({{kAnna}}, room.store).value();
        sealed = batch.seal(kAnna, {"row"}, "lost").value();
    }
    CHECK(room.subjects.open(kAnna, {"row"}, sealed, room.store).error().fault == Fault::not_found);
    auto next = room.subjects.batch({{kAnna}}, room.store).value();
    CHECK(next.fresh().size() == 1);
}

TEST_CASE("a batch seals with the key it puts, whatever happens to the batch that made it", "[subject_keys]") {
    KeyRoom room;
    auto second = [&] {
        auto first = room.subjects.batch({{kAnna}}, room.store).value();
        auto joined = room.subjects.batch({{kAnna}}, room.store).value();
        CHECK(joined.fresh().at(0).wrapped == first.fresh().at(0).wrapped);
        return joined;
    }();  // the first batch is forgotten here
    auto third = room.subjects.batch({{kAnna}}, room.store).value();
    CHECK(third.fresh().at(0).wrapped != second.fresh().at(0).wrapped);
    auto sealed = second.seal(kAnna, {"row"}, "second").value();
    REQUIRE(room.store.put(second.fresh()));
    second.committed();
    CHECK(room.store.put(third.fresh()).error().fault == Fault::conflict);
    room.subjects.forget({{kAnna}});
    CHECK(room.subjects.open(kAnna, {"row"}, sealed, room.store).value() == "second");
}

TEST_CASE("two gateways that make a key for one subject: one wins, the other takes the winner's", "[subject_keys]") {
    KeyRoom room;
    SubjectKeys other(room.ring, room.random);
    auto mine = room.subjects.batch({{kAnna}}, room.store).value();
    auto theirs = other.batch({{kAnna}}, room.store).value();
    auto sealed = theirs.seal(kAnna, {"row"}, "theirs").value();
    REQUIRE(room.store.put(theirs.fresh()));
    theirs.committed();
    {
        auto losing = std::move(mine);
        CHECK(room.store.put(losing.fresh()).error().fault == Fault::conflict);
    }
    auto again = room.subjects.batch({{kAnna}}, room.store).value();
    CHECK(again.fresh().empty());
    CHECK(room.subjects.open(kAnna, {"row"}, sealed, room.store).value() == "theirs");
    CHECK(other.open(kAnna, {"row"}, again.seal(kAnna, {"row"}, "mine").value(), room.store).value() == "mine");
}

TEST_CASE("a batch larger than the cache makes no second key", "[subject_keys]") {
    KeyRoom room;
    SubjectKeys small(room.ring, room.random, 4);
    std::vector<Uid> many;
    for (std::uint8_t i = 0; i < 100; ++i) many.push_back(numbered(i));
    auto first = small.batch(many, room.store).value();
    REQUIRE(room.store.put(first.fresh()));
    first.committed();
    CHECK(room.store.rows.size() == 100);
    auto second = small.batch(many, room.store).value();
    CHECK(room.store.put(second.fresh()));
    for (const auto& subject : many)
        CHECK(small.open(subject, {"row"}, second.seal(subject, {"row"}, "x").value(), room.store).value() == "x");
}

TEST_CASE("threads share the cache", "[subject_keys]") {
    KeyRoom room;
    std::vector<Uid> many;
    for (std::uint8_t i = 0; i < 50; ++i) many.push_back(numbered(i));
    {
        auto batch = room.subjects.batch(many, room.store).value();
        REQUIRE(room.store.put(batch.fresh()));
        batch.committed();
    }
    SubjectKeys small(room.ring, room.random, 10);
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            MemoryKeyStore own;
            own.rows = room.store.rows;
            for (int round = 0; round < 20; ++round) {
                auto batch = small.batch(many, own).value();
                wrong += !batch.fresh().empty();
                for (const auto& subject : many)
                    wrong += small.open(subject, {}, batch.seal(subject, {}, "x").value(), own).value_or("") != "x";
            }
        });
    threads.clear();
    CHECK(wrong == 0);
}

TEST_CASE("a key that is read after a rotation is wrapped anew, and still opens what it sealed", "[subject_keys]") {
    KeyRoom room;
    const auto sealed = room.committed(kAnna, "Anna Muster");
    room.committed(kBerta, "Berta");
    const auto before = room.store.rows.at(kAnna), berta = room.store.rows.at(kBerta);
    const auto fresh = room.ring.add(Use::subject, room.random, room.clock).value();
    REQUIRE(room.ring.promote(fresh, room.random, room.clock));
    // What lies in memory needs no look at the store.
    CHECK(room.subjects.open(kAnna, {"row"}, sealed, room.store).value() == "Anna Muster");
    CHECK(room.store.rows.at(kAnna).wrapped == before.wrapped);
    SubjectKeys restarted(room.ring, room.random);
    CHECK(restarted.open(kAnna, {"row"}, sealed, room.store).value() == "Anna Muster");
    CHECK(room.store.rows.at(kAnna).kek == fresh);
    CHECK(room.store.rows.at(kBerta).wrapped == berta.wrapped);
    SubjectKeys again(room.ring, room.random);
    CHECK(again.open(kAnna, {"row"}, sealed, room.store).value() == "Anna Muster");
}
