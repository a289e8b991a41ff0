#include "gateway/connector/credential_values.hpp"

#include <catch2/catch.hpp>

using namespace tributary::connector;

TEST_CASE("a new value of a credential stands first, and the old ones stay until they are too many", "[credentials]") {
    CHECK(with_newest("b", "") == "b");
    CHECK(with_newest("b", "a") == "b\na");
    CHECK(with_newest("b", "a\r\n\nc\n") == "b\na\nc");
    CHECK(with_newest("b", "a\nb") == "b\na");
    std::string many;
    for (int i = 0; i < 30; ++i) many = with_newest(std::to_string(i), many);
    CHECK(values_of_credential(many).size() == kMostCredentialValues);
    CHECK(many.starts_with("29\n28\n"));
}

TEST_CASE("the newest value is the first of all", "[credentials]") {
    for (const auto* text : {"a", "a\nb", "\r\n\na\r\nb\n", "a\r"}) {
        INFO(text);
        CHECK(newest_value(text) == "a");
        CHECK(values_of_credential(text).front() == "a");
    }
    CHECK(newest_value("") == "");
    CHECK(newest_value("\r\n\n") == "");
    CHECK(values_of_credential("\r\n\n").empty());
}

TEST_CASE("a key in PEM armour is one value", "[credentials]") {
    constexpr auto kKey = "-----BEGIN PUBLIC KEY-----\nAAA\n-----END PUBLIC KEY-----\n";
    CHECK(values_of_credential(kKey) == std::vector<std::string>{kKey});
    CHECK(newest_value(kKey) == kKey);
}
