#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>
#include <thread>
#include <type_traits>

#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/crypto/password.hpp"
#include "gateway/crypto/secret_bytes.hpp"

using namespace tributary;
using namespace tributary::crypto;

namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Streamable<SecretBytes>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, std::string_view>);

}  // namespace

TEST_CASE("what was sealed opens in its place with its key", "[aead]") {
    SeededRandom random(1);
    for (auto algorithm : {Aead::xaes_256_gcm, Aead::aes_256_gcm}) {
        auto key = AeadKey::generate(random, algorithm);
        for (std::size_t size : {0U, 1U, 300U, 70000U}) {
            std::string text(size, 'p');
            auto sealed = key.seal({"table", "row"}, text, random);
            CHECK(key.open({"table", "row"}, sealed).value() == text);
            CHECK(key.open_secret({"table", "row"}, sealed).value().reveal() == text);
        }
    }
    auto key = AeadKey::generate(random);
    CHECK(key.seal({}, "", random).size() == kSealOverhead);
}

TEST_CASE("a sealed value moved, changed or cut does not open", "[aead][req18]") {
    SeededRandom random(2);
    auto key = AeadKey::generate(random);
    auto sealed = key.seal({"contact", "row 1", "email"}, "text", random);
    CHECK(key.open({"contact", "row 2", "email"}, sealed).error().fault == Fault::refused);
    CHECK(key.open({"contact", "row 1email"}, sealed).error().fault == Fault::refused);
    CHECK(key.open({"contactrow 1", "", "email"}, sealed).error().fault == Fault::refused);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 0x20);
        CHECK_FALSE(key.open({"contact", "row 1", "email"}, changed));
        CHECK_FALSE(key.open({"contact", "row 1", "email"}, std::string_view(sealed).substr(0, i)));
    }
}

TEST_CASE("a value sealed with another key id is refused before it is decrypted", "[aead]") {
    SeededRandom random(3);
    auto key = AeadKey::generate(random), other = AeadKey::generate(random);
    auto sealed = key.seal({"a"}, "text", random);
    CHECK(other.open({"a"}, sealed).error().fault == Fault::not_found);
    // The same key bytes under another id: the id is authenticated too.
    AeadKey renamed(other.id(), key.key().clone());
    auto moved = sealed.substr(0, 4) + std::string(other.id().view()) + sealed.substr(20);
    CHECK(renamed.open({"a"}, moved).error().fault == Fault::refused);
    CHECK(key.check_value() == renamed.check_value());
    CHECK(key.check_value() != other.check_value());
}

TEST_CASE("a hundred thousand messages have as many nonces", "[aead][req18]") {
    SystemRandom random;
    for (auto algorithm : {Aead::xaes_256_gcm, Aead::aes_256_gcm}) {
        auto key = AeadKey::generate(random, algorithm);
        std::set<std::string> nonces;
        for (int i = 0; i < 100'000; ++i) {
            auto sealed = key.seal({}, "", random);
            nonces.emplace(Envelope::read(sealed).value().nonce);
        }
        CHECK(nonces.size() == 100'000);
    }
}

TEST_CASE("a forked child draws other bytes than its parent", "[random]") {
    SystemRandom random;
    std::ignore = random_bytes(16, random);  // the generator is seeded before the fork
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto drawn = random_bytes(16, random);
        ::_exit(::write(pipe_ends[1], drawn.data(), drawn.size()) == 16 ? 0 : 1);
    }
    auto mine = random_bytes(16, random);
    std::string theirs(16, '\0');
    CHECK(::read(pipe_ends[0], theirs.data(), theirs.size()) == 16);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(mine != theirs);
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
}

TEST_CASE("a seeded source repeats itself, uids do not collide", "[random]") {
    SeededRandom a(7), b(7), c(8);
    CHECK(random_bytes(100, a) == random_bytes(100, b));
    CHECK(random_bytes(100, a) != random_bytes(100, c));
    FakeClock clock;
    std::set<Uid> uids;
    for (int i = 0; i < 10'000; ++i) uids.insert(make_uid(clock, a));
    CHECK(uids.size() == 10'000);
}

TEST_CASE("secrets move, and a full locked heap falls back to the ordinary one", "[secret]") {
    SecretBytes secret("hunter2");
    auto moved = std::move(secret);
    CHECK(moved.reveal() == "hunter2");
    CHECK(moved.clone().reveal() == "hunter2");
    SystemRandom random;
    std::vector<SecretBytes> many;
    for (int i = 0; i < 40'000; ++i) many.push_back(SecretBytes::random(32, random));  // more than 1 MiB
    CHECK(many.front().reveal() != many.back().reveal());
    CHECK(equal(many[5].clone().reveal(), many[5].reveal()));
    CHECK_FALSE(equal("abc", "abd"));
    CHECK_FALSE(equal("abc", "ab"));
    CHECK(equal("", ""));
}

TEST_CASE("one HMAC key and one sealing key serve many threads", "[crypto]") {
    HmacKey mac(Hash::sha256, "key");
    SystemRandom random;
    auto key = AeadKey::generate(random);
    auto expected = mac.sign("message");
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                wrong += mac.sign("message") != expected;
                wrong += key.open({"x"}, key.seal({"x"}, "text", random)).value() != "text";
            }
        });
    threads.clear();
    CHECK(wrong == 0);
}

TEST_CASE("a stored password matches itself alone", "[password]") {
    SystemRandom random;
    auto stored = hash_password("correct horse", random).value();
    CHECK(stored.starts_with("$scrypt$ln=17,r=8,p=1$"));
    CHECK(password_matches("correct horse", stored));
    CHECK_FALSE(password_matches("correct horsf", stored));
    for (auto bad : {"", "correct horse", "$scrypt$ln=99,r=8,p=1$AAAA$AAAA", "$scrypt$$$", "$argon2id$x$y$z"})
        CHECK_FALSE(password_matches("correct horse", bad));
}
