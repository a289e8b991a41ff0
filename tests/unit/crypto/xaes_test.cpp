// The accumulated vector of c2sp.org/XAES-256-GCM: 10,000 messages drawn from SHAKE128, and one hash over what they
// seal to. And a million nonces.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "gateway/base/hex.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/gcm.hpp"

using namespace tributary;
using namespace tributary::crypto;

namespace {

std::string shake128(std::string_view input, std::size_t size) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::string out(size, '\0');
    REQUIRE(EVP_DigestInit_ex(context.get(), EVP_shake128(), nullptr) == 1);
    REQUIRE(EVP_DigestUpdate(context.get(), input.data(), input.size()) == 1);
    REQUIRE(EVP_DigestFinalXOF(context.get(), reinterpret_cast<unsigned char*>(out.data()), size) == 1);
    return out;
}

}  // namespace

TEST_CASE("req 18: XAES-256-GCM agrees with the accumulated C2SP vector", "[aead]") {
    const auto stream = shake128("", 3'200'000);
    std::string_view left = stream;
    const auto draw = [&](std::size_t size) {
        REQUIRE(left.size() >= size);
        const auto drawn = left.substr(0, size);
        left.remove_prefix(size);
        return drawn;
    };
    const auto draw_some = [&] { return draw(static_cast<unsigned char>(draw(1)[0])); };
    std::string all;
    for (int i = 0; i < 10'000; ++i) {
        const auto key = draw(32), nonce = draw(24), plaintext = draw_some(), aad = draw_some();
        std::array<std::uint8_t, 16> mask{};
        std::array<std::uint8_t, 32> derived{};
        gcm::xaes_mask(key, mask.data());
        gcm::xaes_key(key, {reinterpret_cast<const char*>(mask.data()), mask.size()}, nonce, derived.data());
        std::string sealed(plaintext.size() + gcm::kTagSize, '\0');
        gcm::seal({reinterpret_cast<const char*>(derived.data()), derived.size()}, nonce.substr(12), aad, plaintext,
                  reinterpret_cast<std::uint8_t*>(sealed.data()));
        all += sealed;
    }
    CHECK(to_hex(shake128(all, 32)) == "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

TEST_CASE("req 18: a million messages have as many nonces", "[aead]") {
    SystemRandom random;
    const auto key = AeadKey::generate(random);
    std::vector<std::array<char, 24>> nonces(1'000'000);
    for (auto& nonce : nonces) {
        const auto sealed = key.seal({}, "", random);
        std::copy_n(sealed.begin() + 20, nonce.size(), nonce.begin());
    }
    std::ranges::sort(nonces);
    CHECK(std::ranges::adjacent_find(nonces) == nonces.end());
}
