// KeyRotation: what goes over the store, a batch for each transaction, by compare-and-set.
#include "gateway/base/hex.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/flow/inbox_seal.hpp"
#include "gateway/flow/key_rotation.hpp"
#include "gateway/flow/note_places.hpp"
#include "gateway/vault/rewrap.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kKeys = 500;
constexpr std::size_t kBodies = 20;
constexpr std::size_t kNotes = 100;
constexpr std::size_t kMostErrors = 100;

bool goes_on(const KeyRotation::GoOn& go_on, const Rewrap& done) {
    return !go_on || go_on(done);
}

Result<std::vector<vault::SealedSecret>> secrets_of(store::Store& store) {
    std::vector<vault::SealedSecret> secrets;
    CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(secrets, session.secrets().list());
        return {};
    }));
    return secrets;
}

Result<std::vector<vault::WrappedKey>> keys_after(store::Store& store, const Uid& kek, const Uid& after) {
    std::vector<vault::WrappedKey> keys;
    CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(keys, session.keys().wrapped_by(kek, after, kKeys));
        return {};
    }));
    return keys;
}

Result<std::vector<store::SealedBody>> bodies_after(store::Store& store, const Uid& key, std::int64_t after) {
    std::vector<store::SealedBody> bodies;
    CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(bodies, session.inbox().sealed_with(key, after, kBodies));
        return {};
    }));
    return bodies;
}

Result<std::vector<store::SealedNote>> notes_with(store::Store& store, const Uid& key, std::size_t limit) {
    std::vector<store::SealedNote> notes;
    CHECK_OK(store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(notes, session.sealed_notes().sealed_with(key, limit));
        return {};
    }));
    return notes;
}

}  // namespace

Result<bool> KeyRotation::rewrap_secrets(Rewrap& done, const GoOn& go_on) {
    TRY(const auto secrets, secrets_of(store_));
    for (const auto& secret : secrets) {
        TRY(const auto anew, vault::rewrapped(secret, ring_, random_));
        if (!anew) continue;
        bool replaced = false;
        CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
            TRY(replaced, session.secrets().rewrap(secret, *anew));
            return {};
        }));
        done.secrets += replaced;
        if (!goes_on(go_on, done)) return false;
    }
    return true;
}

Result<bool> KeyRotation::rewrap_subject_keys(const Uid& kek, Rewrap& done, const GoOn& go_on) {
    for (Uid after;;) {
        TRY(const auto keys, keys_after(store_, kek, after));
        if (keys.empty()) return true;
        std::vector<vault::Rewrapped> batch;
        batch.reserve(keys.size());
        for (const auto& key : keys) {
            TRY(auto anew, vault::rewrapped(key, ring_, random_));
            if (anew) batch.push_back({key, *std::move(anew)});
        }
        CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
            TRY(const auto replaced, session.keys().rewrap(batch));
            done.subject_keys += replaced;
            return {};
        }));
        if (!goes_on(go_on, done)) return false;
        after = keys.back().subject;
    }
}

// A body is no key: it is sealed anew as a whole. There are few, and they live short.
Result<bool> KeyRotation::reseal_inbox(const Uid& key, Rewrap& done, const GoOn& go_on) {
    for (std::int64_t after = 0;;) {
        TRY(const auto bodies, bodies_after(store_, key, after));
        if (bodies.empty()) return true;
        for (const auto& body : bodies) {
            TRY(const auto plain, open_inbox(ring_, body.connection, body.body));
            const auto anew = seal_inbox(ring_, random_, body.connection, plain);
            bool replaced = false;
            CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
                TRY(replaced, session.inbox().reseal(body, anew));
                return {};
            }));
            done.inbox += replaced;
        }
        if (!goes_on(go_on, done)) return false;
        after = bodies.back().id;
    }
}

// What is sealed anew is found no more, so each look begins at the front.
Result<bool> KeyRotation::reseal_notes(const vault::RingKey& key, Rewrap& done, const GoOn& go_on) {
    for (;;) {
        TRY(const auto notes, notes_with(store_, key.id, kNotes));
        if (notes.empty()) return true;
        const auto old = ring_.find(key.id);
        if (!old) return fail(Fault::internal, ring_.why_not(key.id), to_hex(key.id.view()));
        for (const auto& note : notes) {
            TRY(const auto plain, old->open(place_of(note), note.sealed));
            const auto anew = ring_.primary(key.use)->seal(place_of(note), plain, random_);
            CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
                TRY(const bool replaced, session.sealed_notes().reseal(note, anew));
                done.notes += replaced;
                return {};
            }));
        }
        if (!goes_on(go_on, done)) return false;
    }
}

Result<std::map<Uid, KeyUse>> KeyRotation::uses() {
    std::map<Uid, KeyUse> uses;
    TRY(const auto secrets, secrets_of(store_));
    for (const auto& secret : secrets)
        if (const auto envelope = crypto::Envelope::read(secret.wrapped_key)) ++uses[envelope->key_id].secrets;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto counts, session.keys().wrapped_counts());
        for (const auto& count : counts) uses[count.kek].subject_keys += count.keys;
        for (const auto& key : ring_.keys()) {
            TRY(const auto notes, session.sealed_notes().count_sealed_with(key.id));
            if (notes) uses[key.id].notes += notes;
            if (key.use != vault::Use::subject) continue;
            TRY(const auto bodies, session.inbox().count_sealed_with(key.id));
            if (bodies) uses[key.id].inbox += bodies;
        }
        return {};
    }));
    return uses;
}

Result<KeyRotation::Check> KeyRotation::verify() {
    Check check;
    const auto broken = [&](Error error) {
        if (++check.broken <= kMostErrors) check.errors.push_back(std::move(error));
    };
    TRY(const auto secrets, secrets_of(store_));
    for (const auto& secret : secrets) {
        auto opened = vault::check_opens(secret, ring_);
        opened ? void(++check.secrets) : broken(std::move(opened.error()));
    }
    TRY(const auto uses, this->uses());
    for (const auto& [kek, use] : uses)
        for (Uid after; use.subject_keys > 0;) {
            TRY(const auto keys, keys_after(store_, kek, after));
            if (keys.empty()) break;
            for (const auto& key : keys) {
                auto opened = vault::check_opens(key, ring_);
                opened ? void(++check.subject_keys) : broken(std::move(opened.error()));
            }
            after = keys.back().subject;
        }
    for (const auto& [key, use] : uses)
        for (std::int64_t after = 0; use.inbox > 0;) {
            TRY(const auto bodies, bodies_after(store_, key, after));
            if (bodies.empty()) break;
            for (const auto& body : bodies) {
                auto opened = open_inbox(ring_, body.connection, body.body);
                opened ? void(++check.inbox) : broken(std::move(opened.error()).in("inbox of " + body.connection));
            }
            after = bodies.back().id;
        }
    for (const auto& [id, use] : uses) {
        const auto key = use.notes > 0 ? ring_.find(id) : nullptr;
        if (use.notes > 0 && !key) broken({Fault::internal, ring_.why_not(id), "sealed notes"});
        if (!key) continue;
        TRY(const auto notes, notes_with(store_, id, use.notes));
        for (const auto& note : notes) {
            auto opened = key->open(place_of(note), note.sealed);
            opened ? void(++check.notes) : broken(std::move(opened.error()).in("sealed note"));
        }
    }
    return check;
}

}  // namespace tributary::flow
