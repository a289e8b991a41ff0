#include "gateway/crypto/rsa.hpp"

#include <catch2/catch.hpp>

#include "tests/fakes/rsa_key.hpp"

using namespace tributary;

TEST_CASE("what an RSA key signs, its public half verifies", "[rsa]") {
    const fakes::RsaPair pair;
    const auto key = crypto::RsaKey::parse(pair.pem());
    REQUIRE(key);
    const auto signature = key->sign_sha256("header.claims");
    CHECK(signature.size() == 256);
    CHECK(pair.verifies("header.claims", signature));
    CHECK_FALSE(pair.verifies("header.claimz", signature));
    CHECK_FALSE(fakes::RsaPair().verifies("header.claims", signature));
}

TEST_CASE("what is no RSA key of 2048 bits is refused without a word of it", "[rsa]") {
    for (const auto& bad : {std::string(), std::string("secret-words"), fakes::RsaPair(1024).pem()}) {
        const auto key = crypto::RsaKey::parse(bad);
        REQUIRE_FALSE(key);
        CHECK(key.error().fault == Fault::bad_config);
        CHECK_FALSE(key.error().text().contains("secret-words"));
    }
}
