// Published vectors: FIPS 180-4, RFC 1321, 2202, 4231, 5869, 7914, 8032, 6979, SP 800-38A, the GCM specification, C2SP.
#include <catch2/catch.hpp>

#include "gateway/base/hex.hpp"
#include "gateway/crypto/aes_cbc.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/ecdsa.hpp"
#include "gateway/crypto/ed25519.hpp"
#include "gateway/crypto/gcm.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/crypto/scrypt.hpp"

using namespace tributary;
using namespace tributary::crypto;

namespace {

std::string raw(std::string_view hex) {
    return from_hex(hex).value();
}
std::uint8_t* bytes(std::string& text) {
    return reinterpret_cast<std::uint8_t*>(text.data());
}

std::string gcm_seal(std::string_view key, std::string_view nonce, std::string_view aad, std::string_view plaintext) {
    std::string out(plaintext.size() + gcm::kTagSize, '\0');
    gcm::seal(key, nonce, aad, plaintext, bytes(out));
    return out;
}

std::string xaes_seal(std::string_view key, std::string_view nonce, std::string_view aad, std::string_view plaintext) {
    std::string mask(16, '\0'), derived(32, '\0');
    gcm::xaes_mask(key, bytes(mask));
    gcm::xaes_key(key, mask, nonce, bytes(derived));
    return gcm_seal(derived, nonce.substr(12), aad, plaintext);
}

}  // namespace

TEST_CASE("digests of abc are the published ones", "[crypto]") {
    CHECK(to_hex(digest(Hash::md5, "abc")) == "900150983cd24fb0d6963f7d28e17f72");
    CHECK(to_hex(digest(Hash::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(to_hex(sha256("abc").view()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest(Hash::sha256, "abc") == sha256("abc").view());
    CHECK(to_hex(digest(Hash::sha512, "abc")) ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643c"
          "e80e"
          "2a9ac94fa54ca49f");
    CHECK(to_hex(sha256("").view()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("HMAC codes are the published ones, again and again from one key", "[crypto]") {
    HmacKey key(Hash::sha256, "Jefe");
    for (int i = 0; i < 3; ++i)
        CHECK(to_hex(key.sign("what do ya want for nothing?")) ==
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(key.sign_sha256("x").view() == key.sign("x"));
    CHECK(to_hex(
              hmac(Hash::sha256, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(to_hex(hmac(Hash::sha1, "Jefe", "what do ya want for nothing?")) ==
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(to_hex(hmac(Hash::md5, "Jefe", "what do ya want for nothing?")) == "750c783e6ab0b503eaa86e310a5db738");
    CHECK(to_hex(hmac(Hash::sha512, "Jefe", "what do ya want for nothing?")) ==
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a"
          "6b4b"
          "636e070a38bce737");
    CHECK(to_hex(hmac(Hash::sha256, "", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("XAES-256-GCM seals the C2SP vectors, both branches of the doubling", "[crypto][req18]") {
    std::string nonce = "ABCDEFGHIJKLMNOPQRSTUVWX";
    std::string mask(16, '\0');
    gcm::xaes_mask(std::string(32, '\x01'), bytes(mask));
    CHECK(to_hex(mask) == "e531954aca063d5b8d9c47a47d4cc6f0");
    gcm::xaes_mask(std::string(32, '\x03'), bytes(mask));
    CHECK(to_hex(mask) == "23810ec50edb99f374409466ed1f4b7b");
    CHECK(to_hex(xaes_seal(std::string(32, '\x01'), nonce, "", "XAES-256-GCM")) ==
          "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    CHECK(to_hex(xaes_seal(std::string(32, '\x03'), nonce, "c2sp.org/XAES-256-GCM", "XAES-256-GCM")) ==
          "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

TEST_CASE("AES-256-GCM seals and opens test case 16 of its specification", "[crypto]") {
    auto key = raw("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    auto nonce = raw("cafebabefacedbaddecaf888"), aad = raw("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    auto plaintext =
        raw("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa"
            "0de657ba637b39");
    auto sealed = gcm_seal(key, nonce, aad, plaintext);
    CHECK(to_hex(sealed) ==
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba"
          "7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b");
    std::string_view all = sealed;
    std::string out(plaintext.size(), '\0');
    CHECK(gcm::open(key, nonce, aad, all.substr(0, plaintext.size()), all.substr(plaintext.size()), bytes(out)));
    CHECK(out == plaintext);
    CHECK_FALSE(
        gcm::open(key, nonce, "other", all.substr(0, plaintext.size()), all.substr(plaintext.size()), bytes(out)));
    CHECK(out == std::string(plaintext.size(), '\0'));
}

TEST_CASE("HKDF and scrypt derive the published keys", "[crypto]") {
    auto okm = hkdf_sha256(std::string(22, '\x0b'), raw("000102030405060708090a0b0c"), raw("f0f1f2f3f4f5f6f7f8f9"), 42);
    CHECK(to_hex(okm.reveal()) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    auto bare = hkdf_sha256(std::string(22, '\x0b'), "", "", 42);
    CHECK(to_hex(bare.reveal()) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    auto key = scrypt("pleaseletmein", "SodiumChloride", 64, {.n = 16384, .r = 8, .p = 1});
    REQUIRE(key);
    CHECK(to_hex(key->reveal()) ==
          "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d65"
          "1e40"
          "dfcf017b45575887");
    CHECK_FALSE(scrypt("p", "s", 32, {.n = 3}));
}

TEST_CASE("ECDSA accepts the signature of RFC 6979 and nothing near it", "[crypto]") {
    auto key = EcdsaKey::parse(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/"
        "4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYi"
        "mQ==");
    REQUIRE(key);
    auto signature =
        raw("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6"
            "e29f65f3e900dbb9"
            "aff4064dc4ab2f843acda8");
    CHECK(key->verifies("sample", signature));
    CHECK_FALSE(key->verifies("Sample", signature));
    for (std::size_t i = 0; i < signature.size(); ++i) {
        auto changed = signature;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_FALSE(key->verifies("sample", changed));
    }
    CHECK_FALSE(key->verifies("sample", ""));
}

TEST_CASE("a public key on another curve, or no key at all, is a configuration error", "[crypto]") {
    for (auto bad : {"", "not base64!", "aGVsbG8=",
                     "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEEd4kosJRx3dXPKxeoCXkZ/II5R2/+Y/"
                     "FT2Zhy+Vlg7A3iC9KHKKX5gq828ODbYS8j6aWx3RA+S0PWDfp"
                     "CgDnxShLRHdU1d7ojJhlM7aQGusxd2htCuj7MxhEFKvmwXE6"}) {
        auto key = EcdsaKey::parse(bad);
        REQUIRE_FALSE(key);
        CHECK(key.error().fault == Fault::bad_config);
    }
}

TEST_CASE("Ed25519 signs test 2 of RFC 8032", "[crypto]") {
    SecretBytes seed(raw("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    auto public_key = ed25519_public_key(seed);
    CHECK(to_hex(public_key) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    auto signature = ed25519_sign(seed, "\x72");
    CHECK(to_hex(signature) ==
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
          "2aeeb00d2916"
          "12bb0c00");
    CHECK(ed25519_verifies(public_key, "\x72", signature));
    CHECK_FALSE(ed25519_verifies(public_key, "\x73", signature));
    CHECK_FALSE(ed25519_verifies("short", "\x72", signature));
    CHECK_FALSE(ed25519_verifies(public_key, "\x72", "short"));
}

TEST_CASE("AES-256-CBC agrees with SP 800-38A and refuses any wrong padding", "[crypto]") {
    auto key = raw("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    auto iv = raw("000102030405060708090a0b0c0d0e0f");
    auto block = raw("6bc1bee22e409f96e93d7e117393172a");
    auto sealed = encrypt_aes_256_cbc(key, iv, block);
    CHECK(to_hex(sealed.substr(0, 16)) == "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
    CHECK(decrypt_aes_256_cbc(key, iv, sealed).value() == block);
    for (std::size_t size : {0U, 1U, 15U, 16U, 31U, 32U, 33U}) {
        std::string text(size, 'x');
        auto wide = encrypt_aes_256_cbc(key, iv, text, 32);
        CHECK(wide.size() % 32 == 0);
        CHECK(decrypt_aes_256_cbc(key, iv, wide, 32).value() == text);
    }
    // The last byte says 16 while the fifteen before it are something else.
    std::string forged(31, 'a');
    forged.push_back('\x10');
    auto bad = encrypt_aes_256_cbc(key, iv, forged).substr(0, 32);
    CHECK(decrypt_aes_256_cbc(key, iv, bad).error().fault == Fault::bad_input);
    CHECK_FALSE(decrypt_aes_256_cbc(key, iv, ""));
    CHECK_FALSE(decrypt_aes_256_cbc(key, iv, sealed.substr(1)));
}
