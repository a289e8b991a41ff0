#include "gateway/flow/destroyed_keys.hpp"

#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;

TEST_CASE("the key of somebody whom another process erased is forgotten", "[flow]") {
    WorldFixture fixture;
    auto& store = *fixture.store;
    store::StoredKeys stored(store);
    vault::SubjectKeys here(*fixture.ring, fixture.random);
    const Uid subject = crypto::make_uid(fixture.clock, fixture.random);
    const crypto::Place place{"source_record", "1"};
    DestroyedKeys destroyed(store, here);
    REQUIRE(destroyed.follow().value() == 0);

    auto batch = here.batch(std::span(&subject, 1), stored).value();
    const auto sealed = batch.seal(subject, place, "hello").value();
    REQUIRE(store.write([&](store::Session& session) { return session.keys().put(batch.fresh()); }));
    batch.committed();
    REQUIRE(here.open(subject, place, sealed, stored).value() == "hello");

    const std::vector<store::Erasure> erased{{0, subject, subject, {}, false, fixture.clock.now()}};
    REQUIRE(store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.erasures().add(erased));
        return {};
    }));
    // Barred, and still to be read by the erasure itself.
    CHECK(destroyed.follow().value() == 0);
    CHECK(here.open(subject, place, sealed, stored).has_value());
    REQUIRE(store.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.keys().destroy(std::span(&subject, 1)));
        return {};
    }));
    CHECK(here.open(subject, place, sealed, stored).has_value());  // out of memory
    CHECK(destroyed.follow().value() == 1);
    CHECK_FALSE(here.open(subject, place, sealed, stored).has_value());
}
