#include "gateway/value/unpack.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"

using namespace tributary;
using value::Packing;

// What archives hold is tested through connectors: tests/cases/connector/answer_packed.yaml.

TEST_CASE("a small archive does not become an endless text", "[value]") {
    // 100,000 zeros.
    const auto zeros = from_base64(
                           "H4sIAAAAAAACA+"
                           "3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA32VEdSghgEA")
                           .value();
    CHECK(value::unpack(zeros, Packing::gzip, 100'000)->size() == 100'000);
    const auto bomb = value::unpack(zeros, Packing::gzip, 99'999);
    REQUIRE_FALSE(bomb);
    CHECK(bomb.error().fault == Fault::bad_input);
    CHECK(bomb.error().what.contains("more than 99999 bytes"));
    CHECK_FALSE(value::unpack(std::string_view(zeros).substr(0, zeros.size() - 9), Packing::gzip, 200'000));
    CHECK(value::unpack("as it is", Packing::none, 1).value() == "as it is");
}
