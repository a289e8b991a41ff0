// Keys of the ring over their life: made, promoted, retired, destroyed, sealed under another master.
#include <sys/wait.h>

#include <csignal>
#include <thread>

#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/vault/rewrap.hpp"
#include "gateway/vault/subject_keys.hpp"
#include "gateway/vault/vault.hpp"
#include "tests/unit/vault/fixture.hpp"
#include "tests/unit/vault/memory_stores.hpp"

using namespace tributary;
using namespace tributary::vault;

namespace {

Uid rotate(Keys& keys, Use use) {
    auto id = keys.ring.add(use, keys.random, keys.clock).value();
    REQUIRE(keys.ring.promote(id, keys.random, keys.clock));
    return id;
}

KeyState state_of(const KeyRing& ring, const Uid& id) {
    for (const auto& key : ring.keys())
        if (key.id == id) return key.state;
    FAIL("the ring has no such key");
    return KeyState::destroyed;
}

KeyRing reloaded(const Keys& keys) {
    return KeyRing::load(keys.ring_file, Master::from_file(keys.master_file).value()).value();
}

}  // namespace

TEST_CASE("a key goes from pre_active over primary and decrypt_only to destroyed", "[rotation]") {
    Keys keys;
    const auto old = keys.ring.primary(Use::cred);
    const auto sealed = old->seal({"x"}, "text", keys.random);
    const auto id = keys.ring.add(Use::cred, keys.random, keys.clock).value();
    CHECK(state_of(keys.ring, id) == KeyState::pre_active);
    CHECK(keys.ring.primary(Use::cred)->id() == old->id());
    CHECK(keys.ring.add(Use::cred, keys.random, keys.clock).value() == id);  // one at a time
    CHECK(keys.ring.destroy(old->id(), keys.random, keys.clock).error().fault == Fault::refused);

    keys.clock.advance(Milliseconds{5000});
    REQUIRE(keys.ring.promote(id, keys.random, keys.clock));
    REQUIRE(keys.ring.promote(id, keys.random, keys.clock));
    CHECK(keys.ring.primary(Use::cred)->id() == id);
    CHECK(state_of(keys.ring, old->id()) == KeyState::decrypt_only);
    CHECK(keys.ring.promote(old->id(), keys.random, keys.clock).error().fault == Fault::refused);
    CHECK(keys.ring.promote(Uid{}, keys.random, keys.clock).error().fault == Fault::not_found);
    CHECK(reloaded(keys).find(old->id())->open({"x"}, sealed).value() == "text");

    REQUIRE(keys.ring.destroy(old->id(), keys.random, keys.clock));
    REQUIRE(keys.ring.destroy(old->id(), keys.random, keys.clock));
    {
        CHECK(keys.ring.find(old->id()) == nullptr);
        CHECK(keys.ring.why_not(old->id()).contains("destroyed"));
        CHECK(keys.ring.why_not(Uid{}).contains("not in the key ring"));
    }
    auto after = reloaded(keys);
    CHECK(after.find(old->id()) == nullptr);
    CHECK(state_of(after, old->id()) == KeyState::destroyed);
    for (const auto& key : after.keys())
        if (key.id == old->id()) CHECK(key.changed == keys.clock.now());
    CHECK(keys.ring.promote(old->id(), keys.random, keys.clock).error().fault == Fault::refused);
}

TEST_CASE("req 19: what only a destroyed key opens is unreadable, in memory and on disk", "[rotation]") {
    Keys keys;
    MemorySecretStore store;
    Vault vault(store, keys.ring, keys.random, keys.clock);
    SecretFields fields;
    fields.emplace("token", crypto::SecretBytes("canary"));
    vault.set("shop", std::move(fields)).value();
    const auto old = keys.ring.primary(Use::cred)->id();
    const auto before = *store.find_secret("shop").value();
    const auto wrapped_on_disk = slurp(keys.ring_file);
    rotate(keys, Use::cred);
    auto anew = rewrapped(before, keys.ring, keys.random).value();
    REQUIRE(anew);
    CHECK_FALSE(rewrapped(SealedSecret{before.name, before.version, before.created, before.updated, before.binding,
                                       before.fields, *anew, before.sealed},
                          keys.ring, keys.random)
                    .value());
    REQUIRE(keys.ring.destroy(old, keys.random, keys.clock));
    // The copy of a thief who has the whole database of before, and the ring of now.
    auto stolen = vault.open_newest("shop");
    REQUIRE_FALSE(stolen);
    CHECK(stolen.error().text().contains("destroyed"));
    CHECK(rewrapped(before, keys.ring, keys.random).error().fault == Fault::internal);
    // What lies on disk holds no form of the key any more.
    CHECK(wrapped_on_disk != slurp(keys.ring_file));
    store.rows.at("shop").wrapped_key = *anew;
    CHECK(vault.open_newest("shop").value().fields.at("token").reveal() == "canary");
}

TEST_CASE("another process sees a changed ring: at once for an unknown key, else when it looks", "[rotation]") {
    Keys keys;
    auto other = reloaded(keys);
    const auto old = other.primary(Use::subject)->id();
    const auto id = rotate(keys, Use::subject);
    CHECK(other.primary(Use::subject)->id() == old);
    REQUIRE(other.find(id));
    CHECK(other.primary(Use::subject)->id() == id);
    const auto next = rotate(keys, Use::subject);
    REQUIRE(other.refresh());
    CHECK(other.primary(Use::subject)->id() == next);
    // Both change: neither loses what the other did.
    const auto mine = keys.ring.add(Use::cred, keys.random, keys.clock).value();
    const auto theirs = other.add(Use::subject, keys.random, keys.clock).value();
    auto last = reloaded(keys);
    CHECK(state_of(last, mine) == KeyState::pre_active);
    CHECK(state_of(last, theirs) == KeyState::pre_active);
}

TEST_CASE("the master is changed without touching a key", "[rotation]") {
    Keys keys;
    auto other = reloaded(keys);
    const auto sealed = keys.ring.primary(Use::cred)->seal({"x"}, "text", keys.random);
    const auto gone = keys.ring.primary(Use::subject)->id();
    rotate(keys, Use::subject);
    REQUIRE(keys.ring.destroy(gone, keys.random, keys.clock));
    auto phrase = Master::from_passphrase(crypto::SecretBytes("correct horse battery")).value();
    REQUIRE(keys.ring.change_master(phrase, keys.random));
    auto loaded = KeyRing::load(keys.ring_file, phrase).value();
    CHECK(loaded.primary(Use::cred)->open({"x"}, sealed).value() == "text");
    CHECK(state_of(loaded, gone) == KeyState::destroyed);
    CHECK(KeyRing::load(keys.ring_file, Master::from_file(keys.master_file).value()).error().fault ==
          Fault::bad_config);
    // A process that runs with the old one goes on with the keys it has, and says what happened when it looks.
    CHECK(other.primary(Use::cred)->open({"x"}, sealed).value() == "text");
    CHECK(other.refresh().error().text().contains("another master"));
    CHECK(other.add(Use::cred, keys.random, keys.clock).error().fault == Fault::conflict);
}

TEST_CASE("a key service keeps the root, and nothing opens without it", "[rotation]") {
    struct Service final : Kms {
        crypto::SystemRandom random;
        crypto::AeadKey key = crypto::AeadKey::generate(random);
        bool down = false, lies = false;
        int calls = 0;
        Result<std::string> status() override { return std::string("k1"); }
        Result<WrappedRoot> wrap(const crypto::SecretBytes& root) override {
            if (down) return fail(Fault::transient, "no answer");
            return WrappedRoot{"k1", key.seal({}, lies ? std::string(32, 'x') : root.reveal(), random)};
        }
        Result<crypto::SecretBytes> unwrap(const WrappedRoot& wrapped) override {
            ++calls;
            if (down) return fail(Fault::transient, "no answer");
            return key.open_secret({}, wrapped.bytes);
        }
    };
    Keys keys;
    auto service = std::make_shared<Service>();
    const auto path = keys.folder.path / "kms.ring";
    service->lies = true;
    CHECK(KeyRing::create(path, Master::from_kms(service), keys.random, keys.clock).error().fault == Fault::bad_config);
    CHECK_FALSE(std::filesystem::exists(path));
    service->lies = false;
    auto ring = KeyRing::create(path, Master::from_kms(service), keys.random, keys.clock).value();
    CHECK(ring.kms_key() == "k1");
    service->calls = 0;
    const auto id = ring.add(Use::cred, keys.random, keys.clock).value();
    REQUIRE(ring.promote(id, keys.random, keys.clock));
    CHECK(service->calls == 0);  // the root is at hand
    CHECK(KeyRing::load(path, Master::from_kms(service)).value().primary(Use::cred)->id() == id);
    service->down = true;
    CHECK(KeyRing::load(path, Master::from_kms(service)).error().fault == Fault::transient);
    CHECK(KeyRing::load(path, Master::from_file(keys.master_file).value()).error().text().contains("a key service"));
    CHECK(KeyRing::load(keys.ring_file, Master::from_kms(service)).error().text().contains("not with a key service"));
}

TEST_CASE("a ring of format 1 opens, and is written anew at its first change", "[rotation]") {
    Keys keys;
    const auto sealed = keys.ring.primary(Use::cred)->seal({"x"}, "text", keys.random);
    // As the release before wrote it.
    const auto master = Master::from_file(keys.master_file).value();
    auto file = read_ring(keys.ring_file, master).value();
    std::string keys_json;
    for (const auto& key : file.keys) {
        const auto created = std::to_string(key.created.time_since_epoch().count());
        const crypto::Place place{"key_ring", key.id.view(), name_of(key.use), "primary", created};
        keys_json += (keys_json.empty() ? "" : ",") + std::string("{\"id\":\"") + to_hex(key.id.view()) +
                     "\",\"use\":\"" + std::string(name_of(key.use)) +
                     "\",\"state\":\"primary\",\"created\":" + created + ",\"check\":\"" +
                     to_base64(key.key->check_value()) + "\",\"wrapped\":\"" +
                     to_base64(file.root.key->seal(place, key.key->key().reveal(), keys.random)) + "\"}";
    }
    rewrite(keys.ring_file, "{\"format\":1,\"salt\":\"" + to_base64(file.root.record.salt) + "\",\"root\":\"" +
                                to_hex(file.root.key->id().view()) + "\",\"keys\":[" + keys_json + "]}");
    auto old = KeyRing::load(keys.ring_file, master).value();
    CHECK(old.primary(Use::cred)->open({"x"}, sealed).value() == "text");
    REQUIRE(old.add(Use::cred, keys.random, keys.clock));
    CHECK(slurp(keys.ring_file).contains("\"format\": 2"));
    CHECK(KeyRing::load(keys.ring_file, master).value().primary(Use::cred)->open({"x"}, sealed).value() == "text");
}

TEST_CASE("a process killed while it rotates leaves a ring that opens everything", "[rotation]") {
    Keys keys;
    const auto sealed = keys.ring.primary(Use::cred)->seal({"x"}, "text", keys.random);
    const auto first = keys.ring.primary(Use::cred)->id();
    int whole = 0;
    for (int round = 0; round < 25; ++round) {
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            auto ring = KeyRing::load(keys.ring_file, Master::from_file(keys.master_file).value());
            while (ring) {
                const auto id = ring->add(Use::cred, keys.random, keys.clock);
                if (!id || !ring->promote(*id, keys.random, keys.clock)) break;
                // Those in between held nothing: they go, so that the file does not grow.
                for (const auto& key : ring->keys())
                    if (key.state == KeyState::decrypt_only && key.id != first)
                        std::ignore = ring->destroy(key.id, keys.random, keys.clock);
            }
            ::_exit(1);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(3 + 2 * round));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        auto ring = KeyRing::load(keys.ring_file, Master::from_file(keys.master_file).value());
        INFO((ring ? "" : ring.error().text()));
        REQUIRE(ring);
        const auto key = ring->find(first);
        REQUIRE(key);
        whole += key->open({"x"}, sealed).value() == "text";
    }
    CHECK(whole == 25);
}

TEST_CASE("a key that waits for its transaction is put under the key that wraps it", "[rotation]") {
    Keys keys;
    MemoryKeyStore store;
    SubjectKeys subjects(keys.ring, keys.random);
    Uid anna;
    anna.bytes[0] = 1;
    auto first = subjects.batch({{anna}}, store).value();
    const auto old = keys.ring.primary(Use::subject)->id();
    rotate(keys, Use::subject);
    auto second = subjects.batch({{anna}}, store).value();
    REQUIRE(second.fresh().size() == 1);
    CHECK(second.fresh()[0].kek == old);
    const auto anew = rewrapped(second.fresh()[0], keys.ring, keys.random).value();
    REQUIRE(anew);
    CHECK(anew->kek == keys.ring.primary(Use::subject)->id());
}
