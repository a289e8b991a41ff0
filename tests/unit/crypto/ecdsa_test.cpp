#include "gateway/crypto/ecdsa.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"

using namespace tributary;

// RFC 7515 appendix A.3: a token that is signed with ES256, and its key.
TEST_CASE("a pair of numbers is checked as the DER form is", "[ecdsa]") {
    const auto x = *from_base64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    const auto y = *from_base64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    const std::string message =
        "eyJhbGciOiJFUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const auto signature =
        *from_base64("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    const auto key = crypto::EcdsaKey::from_point(x, y);
    REQUIRE(key);
    CHECK(key->verifies_pair(message, signature));
    CHECK_FALSE(key->verifies_pair(message + "x", signature));
    CHECK_FALSE(key->verifies(message, signature));
    auto broken = signature;
    broken[40] = static_cast<char>(broken[40] ^ 1);
    CHECK_FALSE(key->verifies_pair(message, broken));
    for (const auto& bad : {std::string(), signature.substr(1), signature + "x", std::string(64, '\0')})
        CHECK_FALSE(key->verifies_pair(message, bad));

    auto off = x;
    off[5] = static_cast<char>(off[5] ^ 1);
    CHECK(crypto::EcdsaKey::from_point(off, y).error().fault == Fault::bad_config);
    CHECK(crypto::EcdsaKey::from_point(x, "").error().fault == Fault::bad_config);
    CHECK(crypto::EcdsaKey::from_point(x + x, y).error().fault == Fault::bad_config);
}
