#include "gateway/flow/key_rotation.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <thread>

#include "gateway/base/hex.hpp"
#include "gateway/base/log.hpp"
#include "gateway/flow/inbox_seal.hpp"
#include "gateway/flow/note_places.hpp"
#include "gateway/flow/secret_acts.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/vault/subject_keys.hpp"
#include "gateway/vault/vault.hpp"

using namespace tributary;
using namespace tributary::flow;
using vault::KeyState;
using vault::Use;

namespace {

Uid numbered_subject(std::uint32_t number) {
    Uid uid;
    uid.bytes[0] = static_cast<std::uint8_t>(number >> 8);
    uid.bytes[1] = static_cast<std::uint8_t>(number);
    uid.bytes[15] = 1;
    return uid;
}

// A store and a ring in a temporary folder.
struct RotationRoom {
    std::filesystem::path folder = [] {
        auto name = (std::filesystem::temp_directory_path() / "tributary-keys-XXXXXX").string();
        return std::filesystem::path(::mkdtemp(name.data()));
    }();
    Log log{LogLevel::error};
    crypto::SystemRandom random;
    FakeClock clock;
    std::optional<vault::KeyRing> ring = [this] {
        REQUIRE(vault::create_master_file(folder / "master.key", random));
        return vault::KeyRing::create(folder / "key.ring", *vault::Master::from_file(folder / "master.key"), random,
                                      clock)
            .value();
    }();
    std::unique_ptr<store::Store> store = store::open_sqlite({.path = folder / "store.db"}, clock, log).value();
    std::unique_ptr<store::StoredKeys> keys = std::make_unique<store::StoredKeys>(*store);
    std::unique_ptr<vault::SubjectKeys> subject_keys = std::make_unique<vault::SubjectKeys>(*ring, random);
    store::StoredSecrets secrets{*store};
    vault::Vault safe{secrets, *ring, random, clock};
    KeyRotation rotation{*store, *ring, random, clock};
    ~RotationRoom() {
        store->stop();
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    std::map<Uid, std::string> sealed;

    void keep_subjects(std::uint32_t from, std::uint32_t to) {
        std::vector<Uid> all;
        for (auto number = from; number < to; ++number) all.push_back(numbered_subject(number));
        auto batch = subject_keys->batch(all, *keys).value();
        for (const auto& subject : all) sealed[subject] = batch.seal(subject, {"row"}, "personal").value();
        REQUIRE(store->write([&](store::Session& session) { return session.keys().put(batch.fresh()); }));
        batch.committed();
    }
    void keep_secret(const std::string& name, std::string_view value) {
        vault::SecretFields fields;
        fields.emplace("token", crypto::SecretBytes(value));
        REQUIRE(safe.update(name, std::move(fields)));
    }
    Result<void> keep_webhook(const crypto::AeadKey& key, std::uint8_t number) {
        store::InboxEntry entry{"shop", {}, "topic", clock.now(), "", key.seal({"inbox", "shop"}, "body", random)};
        entry.dedup_key[0] = number;
        return store->write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.inbox().put(std::span(&entry, 1)));
            return {};
        });
    }
    // How many of the subjects open with what stands in store and ring now.
    std::size_t opening() {
        vault::SubjectKeys fresh(*ring, random);
        return static_cast<std::size_t>(std::ranges::count_if(sealed, [&](const auto& one) {
            return fresh.open(one.first, {"row"}, one.second, *keys).value_or("") == "personal";
        }));
    }
    std::string trail() {
        std::string text;
        REQUIRE(store->read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto entries, session.audit().read(0, 1000));
            for (const auto& entry : entries) text += entry.bytes + "\n";
            return {};
        }));
        return text;
    }
};

}  // namespace

TEST_CASE("req 19: a rotation moves every wrapped key and seals with the new one", "[key_rotation]") {
    RotationRoom room;
    room.keep_subjects(0, 1200);
    room.keep_secret("shop", "one");
    const auto old_subject = room.ring->primary(Use::subject), old_cred = room.ring->primary(Use::cred);
    REQUIRE(room.keep_webhook(*old_subject, 1));
    CHECK(room.rotation.rewrap().value().subject_keys == 0);

    const auto subject = room.rotation.rotate(Use::subject, "anna").value();
    const auto cred = room.rotation.rotate(Use::cred, "").value();
    auto uses = room.rotation.uses().value();
    CHECK(uses[old_subject->id()].subject_keys == 1200);
    CHECK(uses[old_subject->id()].inbox == 1);
    CHECK(uses[old_cred->id()].secrets == 1);
    // Nothing that is needed is destroyed; how much it is is told.
    auto refused = room.rotation.destroy(old_subject->id(), "anna");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault == Fault::refused);
    CHECK(refused.error().what.contains("1200 subject keys and 0 secrets, and seals 1 webhooks"));
    CHECK(room.rotation.destroy(subject, "anna").error().what.contains("rotate it first"));

    const auto done = room.rotation.rewrap().value();
    CHECK(done.complete);
    CHECK(done.subject_keys == 1200);
    CHECK(done.secrets == 1);
    CHECK(done.inbox == 1);
    CHECK(room.rotation.rewrap().value().subject_keys == 0);
    uses = room.rotation.uses().value();
    CHECK(uses.size() == 2);
    CHECK(uses[subject].subject_keys == 1200);
    CHECK(uses[subject].inbox == 1);
    CHECK(uses[cred].secrets == 1);

    REQUIRE(room.rotation.destroy(old_subject->id(), "anna"));
    REQUIRE(room.rotation.destroy(old_cred->id(), "anna"));
    REQUIRE(room.rotation.destroy(old_cred->id(), "anna"));
    CHECK(room.opening() == 1200);
    CHECK(room.safe.open_newest("shop").value().fields.at("token").reveal() == "one");
    const auto check = room.rotation.verify().value();
    CHECK(check.broken == 0);
    CHECK(check.subject_keys == 1200);
    CHECK(check.secrets == 1);
    CHECK(check.inbox == 1);
    const auto trail = room.trail();
    for (auto act : {"vault.key.create", "vault.key.promote", "vault.key.destroy"}) CHECK(trail.contains(act));
    CHECK(trail.contains(to_hex(old_subject->id().view())));
    CHECK(trail.contains("\"anna\""));
}

TEST_CASE("req 19: a subject's key is wrapped anew when it is read, but never with a key that is about to go",
          "[key_rotation]") {
    RotationRoom room;
    room.keep_subjects(0, 10);
    const auto old = room.ring->primary(Use::subject)->id();
    const auto fresh = room.rotation.rotate(Use::subject, "").value();
    const auto wrapped_by = [&](const Uid& kek) {
        REQUIRE(room.store->write([](store::Session&) -> Result<void> { return {}; }));  // what was queued is done
        std::size_t count = 0;
        REQUIRE(room.store->read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto keys, session.keys().wrapped_by(kek, {}, 100));
            count = keys.size();
            return {};
        }));
        return count;
    };
    CHECK(wrapped_by(old) == 10);
    REQUIRE(room.store->write([&](store::Session& session) { return session.keys().retire(fresh); }));
    CHECK(room.opening() == 10);
    CHECK(wrapped_by(old) == 10);
    const auto newer = room.rotation.rotate(Use::subject, "").value();
    CHECK(room.opening() == 10);
    CHECK(wrapped_by(old) == 0);
    CHECK(wrapped_by(newer) == 10);
    CHECK(room.opening() == 10);
}

TEST_CASE("a rewrap that is cut off anywhere is completed by the next", "[key_rotation]") {
    RotationRoom room;
    room.keep_subjects(0, 1700);
    for (int n = 0; n < 3; ++n) room.keep_secret("s" + std::to_string(n), "value");
    room.rotation.rotate(Use::subject, "").value();
    room.rotation.rotate(Use::cred, "").value();
    int rounds = 0;
    for (bool complete = false; !complete; ++rounds) {
        KeyRotation again(*room.store, *room.ring, room.random, room.clock);
        complete = again.rewrap([](const Rewrap&) { return false; }).value().complete;
        REQUIRE(rounds < 20);
    }
    CHECK(rounds == 3 + 4 + 1);
    CHECK(room.opening() == 1700);
    CHECK(room.rotation.uses().value().size() == 2);
}

TEST_CASE("a roll of the epoch leaves nothing of the old key, and is taken up where it was cut off", "[key_rotation]") {
    RotationRoom room;
    room.keep_subjects(0, 600);
    const auto old = room.ring->primary(Use::subject)->id();
    const auto erased = numbered_subject(7);
    std::optional<vault::WrappedKey> backup;
    REQUIRE(room.store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto found, session.keys().find(std::span(&erased, 1)));
        backup = found.front();
        return {};
    }));
    REQUIRE(room.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.keys().destroy(std::span(&erased, 1)));
        return {};
    }));
    room.clock.advance(std::chrono::hours{1});
    const auto since = room.clock.now();
    const auto cut = room.rotation.roll(Use::subject, since, "", [](const Rewrap&) { return false; }).value();
    CHECK_FALSE(cut.rewrap.complete);
    CHECK(cut.destroyed.empty());
    const auto made = room.ring->keys().size();
    const auto roll = room.rotation.roll(Use::subject, since, "").value();
    CHECK(roll.destroyed == std::vector{old});
    CHECK(roll.primary == cut.primary);
    CHECK(room.ring->keys().size() == made);
    const auto none = room.rotation.roll(Use::subject, since, "").value();
    CHECK(none.destroyed.empty());
    CHECK(none.primary == roll.primary);
    CHECK(room.opening() == 599);
    // The erased subject's key comes back with an old backup of the database: it does not open, nor can it be put.
    CHECK(vault::KeyRing::load(room.folder / "key.ring", *vault::Master::from_file(room.folder / "master.key"))
              ->find(backup->kek) == nullptr);
    CHECK(room.store->write([&](store::Session& session) { return session.keys().put(std::span(&*backup, 1)); })
              .error()
              .fault == Fault::conflict);
}

TEST_CASE("keys that make lookups or sign are not rotated, and the text says why", "[key_rotation]") {
    RotationRoom room;
    for (auto use : {Use::blind_index, Use::suppression, Use::audit}) {
        const auto refused = room.rotation.rotate(use, "anna");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().fault == Fault::refused);
        CHECK(refused.error().what.contains("with another key"));
        CHECK(room.rotation.roll(use, room.clock.now(), "").error().fault == Fault::refused);
    }
    CHECK(room.rotation.destroy(Uid{}, "anna").error().fault == Fault::not_found);
}

TEST_CASE("verify names what does not open", "[key_rotation]") {
    RotationRoom room;
    room.keep_subjects(0, 3);
    room.keep_secret("shop", "one");
    REQUIRE(room.store->write([&](store::Session& session) -> Result<void> {
        const auto subject = numbered_subject(1);
        TRY(const auto found, session.keys().find(std::span(&subject, 1)));
        auto moved = *found.front();
        moved.subject = numbered_subject(99);
        CHECK_OK(session.keys().put(std::span(&moved, 1)));
        TRY(auto secret, session.secrets().find("shop"));
        secret->version = 2;
        secret->binding.allowed_hosts = {"attacker.example"};
        return session.secrets().put(*secret);
    }));
    const auto check = room.rotation.verify().value();
    CHECK(check.subject_keys == 3);
    CHECK(check.secrets == 0);
    CHECK(check.broken == 2);
    REQUIRE(check.errors.size() == 2);
    CHECK(check.errors[0].where.contains("secret shop"));
    CHECK(check.errors[1].where.contains(numbered_subject(99).text()));
}

TEST_CASE("req 19: what is sealed while keys are rolled again and again always opens", "[key_rotation]") {
    RotationRoom room;
    std::atomic<bool> stop = false;
    std::atomic<int> conflicts = 0, kept = 0;
    std::jthread sealer([&] {
        for (std::uint32_t number = 0; !stop && number < 4000; ++number) {
            const auto subject = numbered_subject(number);
            for (;;) {  // as flow/process.cpp does
                auto batch = room.subject_keys->batch(std::span(&subject, 1), *room.keys).value();
                auto text = batch.seal(subject, {"row"}, "personal").value();
                auto put = room.store->write([&](store::Session& s) { return s.keys().put(batch.fresh()); });
                if (put) {
                    batch.committed();
                    room.sealed[subject] = std::move(text);
                    ++kept;
                    break;
                }
                if (put.error().fault != Fault::conflict) return;
                ++conflicts;
            }
        }
    });
    int rolls = 0;
    for (; rolls < 15; ++rolls) {
        room.clock.advance(Milliseconds{1000});
        const auto roll = room.rotation.roll(Use::subject, room.clock.now(), "");
        INFO((roll ? "" : roll.error().text()));
        REQUIRE(roll);
        CHECK(roll->destroyed.size() == 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    stop = true;
    sealer.join();
    CHECK(room.opening() == room.sealed.size());
    CHECK(room.rotation.verify().value().broken == 0);
    std::printf("key rotation: %d rolls while %d keys were made, %d sealed again, %zu open\n", rolls, kept.load(),
                conflicts.load(), room.opening());
    CHECK(kept > 50);
}

TEST_CASE("req 11: of two that change one secret at once none loses what it set, and each is in the trail",
          "[secret_acts]") {
    RotationRoom room;
    const SecretActs first(*room.store, room.safe, room.clock, "user", "anna");
    vault::Vault other_safe(room.secrets, *room.ring, room.random, room.clock);
    const SecretActs second(*room.store, other_safe, room.clock, "user", "berta");
    const auto set = [](const SecretActs& acts, const std::string& field) {
        vault::SecretFields fields;
        fields.emplace(field, crypto::SecretBytes("canary-" + field));
        return acts.set("shop", fields);
    };
    std::atomic<int> failed = 0;
    {
        std::jthread one([&] {
            for (int i = 0; i < 40; ++i) failed += !set(first, "a" + std::to_string(i));
        });
        for (int i = 0; i < 40; ++i) failed += !set(second, "b" + std::to_string(i));
    }
    CHECK(failed == 0);
    const auto secret = room.safe.open_newest("shop").value();
    CHECK(secret.fields.size() == 80);
    CHECK(secret.version == 80);
    auto trail = room.trail();
    CHECK(std::ranges::count(trail, '\n') == 80);
    CHECK_FALSE(trail.contains("canary"));
    REQUIRE(first.remove("shop"));
    CHECK(first.remove("shop").error().fault == Fault::not_found);
    trail = room.trail();
    CHECK(trail.contains("secret.remove"));
    CHECK(std::ranges::count(trail, '\n') == 81);
}

TEST_CASE("req 19: what is sealed with a key of the ring itself is sealed anew before that key goes",
          "[key_rotation]") {
    RotationRoom room;
    const auto cred = room.ring->primary(Use::cred), subject = room.ring->primary(Use::subject);
    access::User user{.name = "anna"};
    user.totp = cred->seal(totp_place("anna"), "secret", room.random);
    user.totp_next = cred->seal(next_totp_place("anna"), "next", room.random);
    access::Approval approval{.id = "a1"};
    approval.arguments = cred->seal(approval_place("a1"), "{}", room.random);
    store::IdempotentWrite write;
    write.key[0] = 7;
    write.answer = cred->seal(answer_place(write.key.view()), "answer", room.random);
    store::NewPropagationTask task{.request = numbered_subject(9), .destination = "crm"};
    task.sealed = subject->seal(reach_place(task.request, "crm"), "addresses", room.random);
    REQUIRE(room.store->write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.accounts().put(user));
        CHECK_OK(session.approvals().put(approval));
        CHECK_OK(session.idempotency().put(write));
        CHECK_OK(session.propagation().put(std::span(&task, 1)));
        return {};
    }));
    REQUIRE(room.rotation.rotate(Use::cred, ""));
    REQUIRE(room.rotation.rotate(Use::subject, ""));
    CHECK(room.rotation.uses().value()[cred->id()].notes == 4);
    CHECK(room.rotation.uses().value()[subject->id()].notes == 1);
    CHECK_FALSE(room.rotation.destroy(cred->id(), ""));
    const auto done = room.rotation.rewrap().value();
    CHECK(done.complete);
    CHECK(done.notes == 5);
    CHECK(room.rotation.destroy(cred->id(), ""));
    CHECK(room.rotation.destroy(subject->id(), ""));
    const auto check = room.rotation.verify().value();
    CHECK(check.notes == 5);
    CHECK(check.broken == 0);
    REQUIRE(room.store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto kept, session.accounts().user("anna"));
        CHECK(room.ring->primary(Use::cred)->open(totp_place("anna"), kept->totp).value_or("") == "secret");
        TRY(const auto tasks, session.propagation().list({}, 0, 10));
        CHECK(room.ring->primary(Use::subject)
                  ->open(reach_place(task.request, "crm"), tasks.front().task.sealed)
                  .value_or("") == "addresses");
        return {};
    }));
}
