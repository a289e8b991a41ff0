// Two customers who turn out to be one while something waits for both at a destination.
#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

#include "tests/unit/flow/world_fixture.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

std::string person(const std::string& email, int month) {
    return R"({"name":"Ann Lee","email":")" + email + R"(","at":"2026-0)" + std::to_string(month) +
           R"(-05T10:00:00Z"})";
}

// shop/1 and erp/77 are two until erp/77 tells the address that shop/1 has.
class Two : public WorldFixture {
  public:
    Two() {
        deliver("crm", "service.order");
        deliver_orders("crm");
        take("shop", "1", person("ann@example.com", 1));
        take("erp", "77", person("ann2@example.com", 1));
    }
    void merge() {
        take("erp", "77", person("ann@example.com", 2));
        REQUIRE(stats().customers == 1);
    }
    void rounds() {
        for (int i = 0; i < 6; ++i) {
            round("crm");
            clock.advance(2s);
        }
    }
    std::size_t pushed(std::string_view part) {
        return static_cast<std::size_t>(std::ranges::count_if(
            connectors["crm"]->pushed, [&](const auto& one) { return one.json.find(part) != std::string::npos; }));
    }
    // Contacts that the destination was told to make.
    std::size_t made() {
        return static_cast<std::size_t>(std::ranges::count_if(connectors["crm"]->pushed, [](const auto& one) {
            return !one.remote_id && one.json.find("Ann Lee") != std::string::npos;
        }));
    }
};

}  // namespace

TEST_CASE("two who waited for a destination arrive there as one", "[delivery][identity]") {
    Two f;
    f.merge();
    f.rounds();
    CHECK(f.made() == 1);
    auto stats = f.stats().destinations.at(0);
    CHECK(stats.queued == 0);
    CHECK(stats.superseded >= 1);
}

TEST_CASE("an order of the one who was merged goes after the customer, and under it", "[delivery][identity]") {
    Two f;
    f.take_order("shop", "1", "processing");
    f.take_order("erp", "77", "processing");
    f.merge();
    f.rounds();
    auto stats = f.stats().destinations.at(0);
    CHECK(stats.dead == 0);
    CHECK(stats.queued == 0);
    CHECK(f.made() == 1);
    CHECK(f.pushed(R"("number":"of-)") == 2);
    CHECK(f.pushed(R"("party":"r-1")") == 2);
}

TEST_CASE("a form that waited since before the merge does not overwrite a newer one", "[delivery][identity]") {
    Two f;
    f.take_order("shop", "1", "processing");
    f.take_order("erp", "77", "processing");
    f.merge();
    f.take_order("shop", "1", "delivered");
    f.take_order("erp", "77", "delivered");
    f.rounds();
    CHECK(f.pushed("processing") == 0);
    CHECK(f.pushed("delivered") == 2);
    CHECK(f.stats().destinations.at(0).queued == 0);
}

TEST_CASE("one who is merged while on the way there is not made twice", "[delivery][identity]") {
    WorldFixture f;
    f.deliver("crm", "service.order");
    f.take("shop", "1", person("ann@example.com", 1));
    // The survivor is the one with the smaller uid: here it comes second.
    int id = 1;
    while (f.uid("erp", std::to_string(id)) > f.uid("shop", "1")) ++id;
    auto& crm = *f.connectors["crm"];
    bool merged = false;
    crm.before_push = [&] {
        if (!std::exchange(merged, true)) f.take("erp", std::to_string(id), person("ann@example.com", 2));
    };
    f.round("crm");
    f.round("crm");
    REQUIRE(f.stats().customers == 1);
    REQUIRE(crm.pushed.size() == 2);
    CHECK(crm.pushed[1].remote_id == "r-1");
}
