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

TEST_CASE("a public RSA key out of its numbers verifies what the private one signed", "[rsa]") {
    const fakes::RsaPair pair;
    const auto signature = crypto::RsaKey::parse(pair.pem()).value().sign_sha256("header.claims");
    const auto key = crypto::RsaPublicKey::from_numbers(pair.number("n"), pair.number("e"));
    REQUIRE(key);
    CHECK(key->verifies_sha256("header.claims", signature));
    CHECK_FALSE(key->verifies_sha256("header.claimz", signature));
    CHECK_FALSE(key->verifies_sha256("header.claims", signature.substr(1)));
    CHECK_FALSE(key->verifies_sha256("header.claims", ""));
    const fakes::RsaPair another;
    CHECK_FALSE(crypto::RsaPublicKey::from_numbers(another.number("n"), another.number("e"))
                    .value()
                    .verifies_sha256("header.claims", signature));
}

TEST_CASE("numbers that make no safe public RSA key are refused", "[rsa]") {
    using crypto::RsaPublicKey;
    const fakes::RsaPair pair, small(1024);
    const auto n = pair.number("n"), e = pair.number("e");
    for (const auto& exponent : {std::string(), std::string("\x01", 1), std::string("\x02", 1),
                                 std::string("\x01\x00\x00", 3), std::string(9, '\x7f'), std::string(5000, '\x7f')})
        CHECK(RsaPublicKey::from_numbers(n, exponent).error().fault == Fault::bad_config);
    for (const auto& modulus :
         {std::string(), small.number("n"), std::string(1025, '\x7f'), std::string(100'000, '\x7f')})
        CHECK(RsaPublicKey::from_numbers(modulus, e).error().fault == Fault::bad_config);
}

TEST_CASE("what is no RSA key of 2048 bits is refused without a word of it", "[rsa]") {
    for (const auto& bad : {std::string(), std::string("secret-words"), fakes::RsaPair(1024).pem()}) {
        const auto key = crypto::RsaKey::parse(bad);
        REQUIRE_FALSE(key);
        CHECK(key.error().fault == Fault::bad_config);
        CHECK_FALSE(key.error().text().contains("secret-words"));
    }
}
