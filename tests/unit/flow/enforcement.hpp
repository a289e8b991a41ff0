// What the tests of the points of enforcement look at.
#pragma once

#include <catch2/catch.hpp>

#include "gateway/flow/people.hpp"
#include "tests/unit/flow/consent_fixture.hpp"

namespace tributary::flow {

inline std::vector<store::WithheldRow> withheld(WorldFixture& f) {
    return f.read<std::vector<store::WithheldRow>>(
        [](store::ReadSession& session) { return session.withheld().list(std::nullopt, 0, 100); });
}

inline std::string reason_of_only(WorldFixture& f) {
    auto rows = withheld(f);
    REQUIRE(rows.size() == 1);
    return rows.front().reason;
}

// What the shop's stream keeps its records for.
inline void keep_for(WorldFixture& f, std::vector<std::string> purposes) {
    f.world->connections.at("shop").streams.at("people").purposes = std::move(purposes);
}

inline value::Document golden_of(WorldFixture& f, const std::string& id, const std::string& connection = "shop") {
    auto customer = load_customer(*f.world, f.uid(connection, id));
    return customer ? std::move(customer->golden) : value::Document();
}

inline std::vector<std::string> entries(WorldFixture& f, const std::string& action) {
    auto rows =
        f.read<std::vector<audit::Entry>>([](store::ReadSession& session) { return session.audit().read(0, 1000); });
    std::vector<std::string> found;
    for (const auto& row : rows)
        if (row.bytes.find("\"action\":\"" + action + "\"") != std::string::npos) found.push_back(row.bytes);
    return found;
}

inline std::uint64_t customers(WorldFixture& f) {
    return f.read<std::uint64_t>([](store::ReadSession& session) { return session.identity().customer_count(); });
}

}  // namespace tributary::flow
