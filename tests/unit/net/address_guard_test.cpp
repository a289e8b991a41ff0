#include "gateway/net/address_guard.hpp"

#include <catch2/catch.hpp>

#include "gateway/net/outbound_url.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using namespace tributary::net;

namespace {

std::vector<Network> networks_of(const std::string& list) {
    std::vector<Network> networks;
    if (list.empty()) return networks;
    for (auto text : split(list, ',')) networks.push_back(Network::parse(text).value());
    return networks;
}

}  // namespace

TEST_CASE("every address of the matrix is judged as it should be", "[address_guard][req10]") {
    for (const auto& line : test::read_cases("address_guard/addresses.txt", 3)) {
        INFO(line.place << " " << line.columns[0]);
        auto address = IpAddress::parse(line.columns[0]);
        REQUIRE(address);
        auto verdict = check_address(*address, networks_of(line.columns[1]));
        if (line.columns[2] == "ok") {
            CHECK(verdict);
        } else {
            REQUIRE_FALSE(verdict);
            CHECK(verdict.error().fault == Fault::refused);
            CHECK(verdict.error().what.find("is " + line.columns[2]) != std::string::npos);
        }
    }
}

TEST_CASE("every URL of the matrix is judged as it should be", "[address_guard][req10]") {
    for (const auto& line : test::read_cases("address_guard/urls.txt", 5)) {
        INFO(line.place << " " << line.columns[0]);
        Egress egress{.networks = networks_of(line.columns[3])};
        for (auto host : split(line.columns[1], ','))
            if (!host.empty()) egress.hosts.emplace_back(host);
        if (!line.columns[2].empty()) egress.ports.push_back(static_cast<std::uint16_t>(*to_integer(line.columns[2])));
        auto url = check_url(test::unescaped(line.columns[0]), egress);
        auto space = line.columns[4].find(' ');
        auto outcome = line.columns[4].substr(0, space), detail = line.columns[4].substr(space + 1);
        if (outcome == "ok") {
            REQUIRE(url);
            CHECK(url->host + " " + std::to_string(url->port) + " " + url->target == detail);
        } else {
            REQUIRE_FALSE(url);
            CHECK(name_of(url.error().fault) == outcome);
            CHECK(url.error().what.find(detail) != std::string::npos);
        }
    }
}

TEST_CASE("networks are written with a prefix and without host bits", "[address_guard]") {
    CHECK(Network::parse("10.0.0.0/8"));
    CHECK(Network::parse("10.0.0.1")->prefix == 32);
    CHECK(Network::parse("fd00::/8"));
    CHECK(Network::parse("0.0.0.0/0")->contains(*IpAddress::parse("1.2.3.4")));
    for (auto bad : {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "fd00::/129", "fd00::1/8",
                     "x", "[::1]"})
        CHECK_FALSE(Network::parse(bad));
}

TEST_CASE("only one spelling of an address is an address", "[address_guard]") {
    for (auto bad : {"", "1", "1.2.3", "01.2.3.4", "1.2.3.256", "0x1.2.3.4", "1.2.3.4 ", "[::1]", "::1%lo",
                     ":::", "1::2::3", "::ffff:1.2.3"})
        CHECK_FALSE(IpAddress::parse(bad));
    CHECK(IpAddress::parse("::FFFF:1.2.3.4")->text() == "::ffff:1.2.3.4");
}
