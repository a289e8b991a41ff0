#include "gateway/access/totp.hpp"

#include <catch2/catch.hpp>

#include "gateway/access/accounts.hpp"

using namespace tributary;
using namespace tributary::access;

namespace {

Timestamp second(std::int64_t seconds) {
    return Timestamp{std::chrono::seconds{seconds}};
}

}  // namespace

TEST_CASE("TOTP gives the codes of RFC 6238, appendix B", "[access]") {
    const std::string sha1 = "12345678901234567890", sha256 = sha1 + "123456789012",
                      sha512 = sha1 + sha1 + sha1 + "1234";
    struct Vector {
        std::int64_t at;
        const char *one, *two, *five;
    };
    for (const auto& [at, one, two, five] :
         {Vector{59, "94287082", "46119246", "90693936"}, Vector{1111111109, "07081804", "68084774", "25091201"},
          Vector{1111111111, "14050471", "67062674", "99943326"},
          Vector{1234567890, "89005924", "91819424", "93441116"},
          Vector{2000000000, "69279037", "90698825", "38618901"},
          Vector{20000000000, "65353130", "77737706", "47863826"}}) {
        INFO(at);
        const auto step = totp_step(second(at));
        CHECK(totp_code(sha1, step, 8) == one);
        CHECK(totp_code(sha256, step, 8, crypto::Hash::sha256) == two);
        CHECK(totp_code(sha512, step, 8, crypto::Hash::sha512) == five);
        CHECK(totp_code(sha1, step) == std::string(one).substr(2));
    }
}

TEST_CASE("requirement 5: a code is taken once, one step early or late, and never an older one after", "[access]") {
    const std::string secret = "12345678901234567890";
    const auto now = second(1'000'000'000);
    const auto step = totp_step(now);
    for (auto offset : {-1, 0, 1})
        CHECK(accept_totp(secret, totp_code(secret, step + offset), now, 0) == step + offset);
    for (auto offset : {-3, -2, 2, 3}) CHECK_FALSE(accept_totp(secret, totp_code(secret, step + offset), now, 0));
    CHECK_FALSE(accept_totp(secret, totp_code(secret, step), now, step));
    CHECK_FALSE(accept_totp(secret, totp_code(secret, step - 1), now, step));
    CHECK(accept_totp(secret, totp_code(secret, step + 1), now, step));
    for (auto wrong : {"", "12345", "1234567", "abcdef"}) CHECK_FALSE(accept_totp(secret, wrong, now, 0));
}

TEST_CASE("base32 is that of RFC 4648", "[access]") {
    CHECK(to_base32("") == "");
    CHECK(to_base32("f") == "MY");
    CHECK(to_base32("fo") == "MZXQ");
    CHECK(to_base32("foo") == "MZXW6");
    CHECK(to_base32("foob") == "MZXW6YQ");
    CHECK(to_base32("fooba") == "MZXW6YTB");
    CHECK(to_base32("foobar") == "MZXW6YTBOI");
    CHECK(
        totp_uri("foobar", "acme gateway", "anna") ==
        "otpauth://totp/acme%20gateway:anna?secret=MZXW6YTBOI&issuer=acme%20gateway&algorithm=SHA1&digits=6&period=30");
}

TEST_CASE("requirement 5: five wrong tries within 15 minutes lock, and the lock ends", "[access]") {
    const auto start = second(1'000'000);
    Attempts attempts;
    for (int i = 0; i < kMostWrong; ++i) {
        CHECK_FALSE(attempts.locked(start));
        attempts = attempts.after_wrong(start + std::chrono::minutes{i});
    }
    CHECK(attempts.locked(start + std::chrono::minutes{5}));
    CHECK(attempts.locked(start + kWrongWindow - Milliseconds{1}));
    CHECK_FALSE(attempts.locked(start + kWrongWindow));
    CHECK(attempts.after_wrong(start + kWrongWindow).wrong == 1);
    CHECK_FALSE(attempts.locked(start - std::chrono::hours{1}));
    // So that a million codes take years: 5 tries of 3 codes that fit, each quarter of an hour.
    CHECK(1'000'000 / 3 / kMostWrong / (4 * 24 * 365) >= 1);
}
