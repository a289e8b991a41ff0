#include "gateway/vault/subject_keys.hpp"

#include <mutex>
#include <utility>

#include "gateway/vault/key_cache.hpp"
#include "gateway/vault/rewrap.hpp"
#include "gateway/vault/sealed_places.hpp"

namespace tributary::vault {
namespace {

constexpr std::size_t kSubjectKeySize = 32;

// A key that waits for its transaction may have been wrapped before the ring was rotated.
Result<Uid> wrapping_key(std::string_view wrapped) {
    TRY(const auto envelope, crypto::Envelope::read(wrapped));
    return envelope.key_id;
}

}  // namespace

struct SubjectKeys::Cache {
    explicit Cache(std::size_t capacity) : keys(capacity) {}
    std::mutex mutex;
    KeyCache keys;
};

SubjectKeys::SubjectKeys(const KeyRing& ring, crypto::Random& random, std::size_t capacity)
    : ring_(ring), random_(random), cache_(std::make_unique<Cache>(capacity)) {}
SubjectKeys::~SubjectKeys() = default;

// The wrapped form holds the key's id and the key: 16 and 32 bytes. The id is random, so that a key made anew for a
// subject is told apart from the one before.
CachedKey SubjectKeys::make(const Uid& subject) {
    auto named = crypto::SecretBytes::random(16 + kSubjectKeySize, random_, crypto::Memory::plain);
    auto wrapped = ring_.primary(Use::subject)->seal(place_of_subject_key(subject), named.reveal(), random_);
    auto id = Uid::from_bytes(named.data().first<16>());
    crypto::SecretBytes key(named.reveal().substr(16), crypto::Memory::plain);
    CachedKey made{std::make_shared<const crypto::AeadKey>(id, std::move(key)),
                   std::make_shared<const std::string>(std::move(wrapped))};
    std::lock_guard lock(cache_->mutex);
    // Another batch may have made one meanwhile: both then put the same key.
    if (auto* cached = cache_->keys.find(subject)) return *cached;
    return cache_->keys.put(subject, std::move(made));
}

Result<std::shared_ptr<const crypto::AeadKey>> SubjectKeys::unwrap(const WrappedKey& wrapped) const {
    TRY(auto envelope, crypto::Envelope::read(wrapped.wrapped));
    const auto wrapping = ring_.find(envelope.key_id);
    if (!wrapping) return fail(Fault::internal, "a subject key does not open: " + ring_.why_not(envelope.key_id));
    auto opened = wrapping->open(place_of_subject_key(wrapped.subject), wrapped.wrapped);
    if (!opened || opened->size() != 16 + kSubjectKeySize)
        return fail(Fault::internal, "a subject key does not open: its row was changed or moved");
    std::span<std::uint8_t> named(reinterpret_cast<std::uint8_t*>(opened->data()), opened->size());
    auto key = std::make_shared<const crypto::AeadKey>(
        Uid::from_bytes(named.first<16>()),
        crypto::SecretBytes(std::string_view(*opened).substr(16), crypto::Memory::plain));
    crypto::wipe(named);
    return key;
}

Result<void> SubjectKeys::take(std::span<const std::optional<WrappedKey>> found, Keys& into, KeyStore& store) {
    std::vector<Rewrapped> old;
    for (const auto& wrapped : found) {
        if (!wrapped) continue;
        TRY(auto key, unwrap(*wrapped));
        // Of an earlier key of the ring: whoever reads it wraps it anew.
        if (auto anew = rewrapped(*wrapped, ring_, random_); anew && *anew)
            old.push_back({*wrapped, *std::move(*anew)});
        into[wrapped->subject] = {key, nullptr};
        std::lock_guard lock(cache_->mutex);
        if (!cache_->keys.find(wrapped->subject)) cache_->keys.put(wrapped->subject, {std::move(key), nullptr});
    }
    if (!old.empty()) store.rewrap(std::move(old));
    return {};
}

// Returns what it found instead of relying on the cache: a batch may be larger than that, and others evict from it.
Result<SubjectKeys::Keys> SubjectKeys::gather(std::span<const Uid> subjects, KeyStore& store) {
    Keys keys;
    keys.reserve(subjects.size());
    std::vector<Uid> missing;
    {
        std::lock_guard lock(cache_->mutex);
        for (const auto& subject : subjects) {
            auto [at, added] = keys.try_emplace(subject);
            if (!added) continue;
            if (auto* cached = cache_->keys.find(subject))
                at->second = *cached;
            else
                missing.push_back(subject);
        }
    }
    if (missing.empty()) return keys;
    for (bool again : {false, true}) {
        TRY(auto found, store.subject_keys(missing));
        auto taken = take(found, keys, store);
        // Between reading and unwrapping the ring may have been rotated and the old key destroyed.
        if (taken) break;
        if (again) return pass(std::move(taken));
    }
    return keys;
}

Result<void> SubjectKeys::load(std::span<const Uid> subjects, KeyStore& store) {
    CHECK_OK(gather(subjects, store));
    return {};
}

Result<SubjectKeyBatch> SubjectKeys::batch(std::span<const Uid> subjects, KeyStore& store) {
    TRY(auto keys, gather(subjects, store));
    SubjectKeyBatch batch(*this);
    batch.keys_.reserve(keys.size());
    for (auto& [subject, known] : keys) {
        if (!known.key) known = make(subject);
        if (known.pending) {
            TRY(const auto kek, wrapping_key(*known.pending));
            batch.fresh_.push_back({subject, kek, *known.pending});
        }
        batch.keys_.emplace(subject, std::move(known.key));
    }
    return batch;
}

Result<std::string> SubjectKeys::open(const Uid& subject, const crypto::Place& place, std::string_view sealed,
                                      KeyStore& store) {
    for (bool again : {false, true}) {
        TRY(auto keys, gather({&subject, 1}, store));
        const auto& known = keys.at(subject);
        if (!known.key) break;
        auto text = known.key->open(place, sealed);
        if (!text && text.error().fault != Fault::not_found) ++failures_;
        if (text || text.error().fault != Fault::not_found) return text;
        // Sealed with an earlier key of this subject; or ours is a newer one that never became durable.
        if (!again) forget({&subject, 1});
    }
    return fail(Fault::not_found, "subject key destroyed");
}

void SubjectKeys::forget(std::span<const Uid> subjects) {
    std::lock_guard lock(cache_->mutex);
    for (const auto& subject : subjects) cache_->keys.drop(subject);
}

Result<std::string> SubjectKeyBatch::seal(const Uid& subject, const crypto::Place& place,
                                          std::string_view plaintext) const {
    auto found = keys_.find(subject);
    if (found == keys_.end()) return fail(Fault::internal, "a subject was not named when its batch of keys was made");
    return found->second->seal(place, plaintext, owner_->random_);
}

void SubjectKeyBatch::committed() {
    std::lock_guard lock(owner_->cache_->mutex);
    for (const auto& fresh : fresh_)
        if (auto* cached = owner_->cache_->keys.find(fresh.subject); cached && cached->key == keys_.at(fresh.subject))
            cached->pending = nullptr;
    fresh_.clear();
}

SubjectKeyBatch::SubjectKeyBatch(SubjectKeyBatch&& other) noexcept
    : owner_(other.owner_), keys_(std::move(other.keys_)), fresh_(std::exchange(other.fresh_, {})) {}

// What was not committed is forgotten, unless another batch made it durable or replaced it meanwhile.
SubjectKeyBatch::~SubjectKeyBatch() {
    if (fresh_.empty()) return;
    std::lock_guard lock(owner_->cache_->mutex);
    for (const auto& fresh : fresh_)
        if (auto* cached = owner_->cache_->keys.find(fresh.subject);
            cached && cached->pending && cached->key == keys_.at(fresh.subject))
            owner_->cache_->keys.drop(fresh.subject);
}

}  // namespace tributary::vault
