#pragma once

#include "tests/contract/store/engine.hpp"

namespace tributary::contract {

inline void check_nodes(Engine& engine) {
    using namespace store;
    using State = ConfigurationChange::State;
    auto store = engine.open();
    const auto propose = [&](const std::string& generation, Timestamp until, Timestamp now) {
        return write(*store, [&](Session& s) { return s.nodes().propose(generation, "a", until, now); });
    };
    const auto change = [&] { return read(*store, [](ReadSession& s) { return s.nodes().change(); }).value(); };

    SECTION("a node is put again as it is now, forgotten, and swept when it is long gone") {
        const auto put = [&](Node node) { write(*store, [&](Session& s) { return s.nodes().put(node); }); };
        put({"b2", "beta", "1", at(1), at(100), "g1", 0, ""});
        put({"a1", "alpha", "1", at(2), at(50), "g1", 0, ""});
        put({"b2", "beta", "1", at(1), at(160), "g2", 7, "no such mapping"});
        auto nodes = read(*store, [](ReadSession& s) { return s.nodes().list(); });
        REQUIRE(nodes.size() == 2);
        CHECK((nodes[0].id == "a1" && nodes[0].refusal.empty()));
        CHECK((nodes[1].until == at(160) && nodes[1].generation == "g2"));
        CHECK((nodes[1].answered == 7 && nodes[1].refusal == "no such mapping" && nodes[1].started_at == at(1)));
        write(*store, [&](Session& s) { return s.nodes().sweep(at(51)); });
        write(*store, [&](Session& s) { return s.nodes().remove("nobody"); });
        CHECK(read(*store, [](ReadSession& s) { return s.nodes().list(); }).size() == 1);
        write(*store, [&](Session& s) { return s.nodes().remove("b2"); });
        CHECK(read(*store, [](ReadSession& s) { return s.nodes().list(); }).empty());
    }
    SECTION("one change of the configuration is open at a time") {
        CHECK_FALSE(read(*store, [](ReadSession& s) { return s.nodes().change(); }));
        CHECK(propose("g1", at(60), at(0)) == 1u);
        CHECK(propose("g2", at(61), at(1)) == std::nullopt);
        CHECK((change().generation == "g1" && change().until == at(60) && change().state == State::open));
        write(*store, [&](Session& s) { return s.nodes().decide(1, State::given_up, "beta: no"); });
        CHECK((change().state == State::given_up && change().reason == "beta: no"));
        CHECK(failure(*store, [](Session& s) { return s.nodes().decide(1, State::taken_up, ""); }).fault ==
              Fault::conflict);
        CHECK(propose("g2", at(70), at(10)) == 2u);
        CHECK((change().reason.empty() && change().proposed_by == "a"));
    }
    SECTION("a change that nobody decided in time makes room for the next") {
        CHECK(propose("g1", at(60), at(0)) == 1u);
        CHECK(propose("g2", at(120), at(60)) == 2u);
        CHECK(failure(*store, [](Session& s) { return s.nodes().decide(1, State::taken_up, ""); }).fault ==
              Fault::conflict);
    }
}

}  // namespace tributary::contract
