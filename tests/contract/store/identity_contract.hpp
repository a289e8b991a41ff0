#pragma once

#include <vector>

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_identity(Engine& engine) {
    using namespace store;
    auto store = engine.open();

    SECTION("records are found by any of their keys, at most the cap") {
        write(*store, [](Session& s) -> Result<void> {
            for (std::uint32_t n = 1; n <= 6; ++n) CHECK_OK(put_keys(s, uid(n), {digest(1), digest(10 + n)}));
            return {};
        });
        const std::vector keys{digest(1), digest(12), digest(99)};
        const auto hits = read(*store, [&](ReadSession& s) { return s.identity().records_by_keys(keys, 5); });
        CHECK(hits[0].records == std::vector{uid(1), uid(2), uid(3), uid(4), uid(5)});
        CHECK(hits[0].more);
        CHECK(hits[1].records == std::vector{uid(2)});
        CHECK_FALSE(hits[1].more);
        CHECK(hits[2].records.empty());
    }
    SECTION("putting keys replaces those before") {
        const auto put = [&](std::vector<Digest> keys) {
            write(*store, [&](Session& s) { return put_keys(s, uid(1), keys); });
        };
        put({digest(1), digest(2)});
        put({digest(3), digest(2), digest(3)});
        const std::vector records{uid(1)};
        CHECK(read(*store, [&](ReadSession& s) { return s.identity().keys_of(records); })[0] ==
              std::vector{digest(2), digest(3)});
    }
    SECTION("a record belongs to the customer it was linked to last") {
        write(*store, [](Session& s) {
            return s.identity().set_links(
                std::vector<Link>{{uid(1), uid(100), "a", at(1)}, {uid(2), uid(100), "b", at(1)}});
        });
        write(*store,
              [](Session& s) { return s.identity().set_links(std::vector<Link>{{uid(1), uid(200), "c", at(2)}}); });
        const std::vector customers{uid(100), uid(200), uid(300)};
        const auto members = read(*store, [&](ReadSession& s) { return s.identity().members(customers); });
        REQUIRE(members[0].size() == 1);
        CHECK(members[0][0].record == uid(2));
        REQUIRE(members[1].size() == 1);
        CHECK(members[1][0].evidence == "c");
        CHECK(members[2].empty());
        write(*store, [](Session& s) { return s.identity().remove_links(std::vector{uid(1)}); });
        const std::vector records{uid(1), uid(2)};
        const auto links = read(*store, [&](ReadSession& s) { return s.identity().links_of(records); });
        CHECK_FALSE(links[0]);
        CHECK(links[1]->customer == uid(100));
    }
    SECTION("a manual pair has no direction and one rule") {
        write(*store, [](Session& s) {
            return s.identity().put_pairs(
                std::vector<ManualPair>{{uid(2), uid(1), PairRule::must_link, "ann", at(1)},
                                        {uid(1), uid(2), PairRule::cannot_link, "bob", at(2)}});
        });
        const std::vector records{uid(1), uid(2)};
        const auto pairs = read(*store, [&](ReadSession& s) { return s.identity().pairs_of(records); });
        REQUIRE(pairs.size() == 1);
        CHECK(pairs[0].rule == PairRule::cannot_link);
        CHECK(pairs[0].decided_by == "bob");
        write(*store, [](Session& s) { return s.identity().remove_pair(uid(2), uid(1)); });
        CHECK(read(*store, [&](ReadSession& s) { return s.identity().pairs_of(records); }).empty());
    }
    SECTION("aliases lead to the surviving customer and never in a circle") {
        write(*store, [](Session& s) -> Result<void> {
            CHECK_OK(s.identity().put_customers(std::vector<Customer>{
                {uid(1), digest(1), 3, at(1)}, {uid(2), digest(2), 1, at(1)}, {uid(3), digest(3), 1, at(1)}}));
            CHECK_OK(s.identity().put_alias(uid(3), uid(2), at(2)));
            return s.identity().put_alias(uid(2), uid(1), at(3));
        });
        const std::vector asked{uid(3), uid(1), uid(42)};
        CHECK(read(*store, [&](ReadSession& s) { return s.identity().resolve(asked); }) ==
              std::vector{uid(1), uid(1), uid(42)});
        CHECK(failure(*store, [](Session& s) { return s.identity().put_alias(uid(1), uid(3), at(4)); }).fault ==
              Fault::conflict);
        const auto customers = read(*store, [&](ReadSession& s) { return s.identity().customers(asked); });
        CHECK_FALSE(customers[0]);
        CHECK(customers[1]->version == 3);
        CHECK(read(*store, [](ReadSession& s) { return s.identity().customer_count(); }) == 1);
        write(*store, [](Session& s) { return s.identity().remove_alias(uid(3)); });
        CHECK(read(*store, [&](ReadSession& s) { return s.identity().resolve(asked); })[0] == uid(3));
    }
    SECTION("customers are listed in order of their uid") {
        write(*store, [](Session& s) {
            return s.identity().put_customers(std::vector<Customer>{
                {uid(3), digest(3), 1, at(1)}, {uid(1), digest(1), 1, at(1)}, {uid(2), digest(2), 1, at(1)}});
        });
        const auto first = read(*store, [](ReadSession& s) { return s.identity().list_customers(Uid{}, 2); });
        REQUIRE(first.size() == 2);
        CHECK(first[1].uid == uid(2));
        CHECK(read(*store, [](ReadSession& s) { return s.identity().list_customers(uid(2), 2); })[0].uid == uid(3));
    }
    SECTION("a remote id is unique in both directions") {
        const auto put = [&](Uid local, const std::string& remote) {
            write(*store, [&](Session& s) {
                return s.remote_ids().put(std::vector<RemoteId>{{"crm", "contact", local, remote}});
            });
        };
        const auto remote_of = [&](Uid local) {
            const std::vector locals{local};
            return read(*store, [&](ReadSession& s) { return s.remote_ids().remote_of("crm", "contact", locals); })[0];
        };
        const auto local_of = [&](const std::string& remote) {
            const std::vector remotes{remote};
            return read(*store, [&](ReadSession& s) { return s.remote_ids().local_of("crm", "contact", remotes); })[0];
        };
        put(uid(1), "17");
        put(uid(2), "18");
        CHECK(remote_of(uid(1)) == "17");
        CHECK(local_of("18") == uid(2));
        put(uid(1), "18");
        CHECK(remote_of(uid(1)) == "18");
        CHECK(local_of("18") == uid(1));
        CHECK_FALSE(local_of("17"));
        CHECK_FALSE(remote_of(uid(2)));
        write(*store, [](Session& s) { return s.remote_ids().remove("crm", "contact", uid(1)); });
        CHECK_FALSE(local_of("18"));
    }
}

}  // namespace tributary::contract
