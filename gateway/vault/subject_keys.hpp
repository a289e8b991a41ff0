// SubjectKeys: seals personal fields, each data subject with a key of its own; destroying that key erases them wherever
// copies lie. A new key becomes durable in the same transaction as the first data sealed with it.
//
//     TRY(auto keys, subject_keys.batch(subjects, store));      // loads and makes keys
//     TRY(auto blob, keys.seal(subject, {"source_record", row_id}, fields));
//     ... one transaction puts the data and keys.fresh() ...
//     keys.committed();                                          // not called: the new keys are forgotten
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/vault/key_ring.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::vault {

class SubjectKeys;
struct CachedKey;

// The keys of the subjects of one batch. Used by one thread at a time. A batch always seals with the keys it hands out
// to be put, whatever other batches do meanwhile.
class SubjectKeyBatch {
  public:
    ~SubjectKeyBatch();
    SubjectKeyBatch(SubjectKeyBatch&&) noexcept;
    SubjectKeyBatch& operator=(SubjectKeyBatch&&) = delete;

    // REQUIRES: the subject was named when the batch was made; else Fault::internal.
    Result<std::string> seal(const Uid& subject, const crypto::Place& place, std::string_view plaintext) const;
    // To be put in the transaction that carries the data sealed here, also when another batch puts the same ones.
    const std::vector<WrappedKey>& fresh() const { return fresh_; }
    // The transaction was committed: the fresh keys are durable.
    void committed();

  private:
    friend class SubjectKeys;
    explicit SubjectKeyBatch(SubjectKeys& owner) : owner_(&owner) {}
    SubjectKeys* owner_;
    std::unordered_map<Uid, std::shared_ptr<const crypto::AeadKey>> keys_;
    std::vector<WrappedKey> fresh_;
};

// Safe from several threads. Ring and random outlive it; it outlives its batches.
class SubjectKeys {
  public:
    // Keeps the keys of up to `capacity` subjects unwrapped in memory, about 300 bytes each.
    SubjectKeys(const KeyRing& ring, crypto::Random& random, std::size_t capacity = 100'000);
    ~SubjectKeys();

    // Makes a key for each subject that has none. Subjects may repeat.
    Result<SubjectKeyBatch> batch(std::span<const Uid> subjects, KeyStore& store);

    // not_found "subject key destroyed" when no key is kept any more. Loads from the store what is not cached.
    Result<std::string> open(const Uid& subject, const crypto::Place& place, std::string_view sealed, KeyStore& store);
    // Loads many keys in one call before a run of open().
    Result<void> load(std::span<const Uid> subjects, KeyStore& store);

    // Drops keys from memory: after their destruction in the store, or when a transaction ended in a conflict. Every
    // process that may hold one has to: a cached key goes on opening.
    void forget(std::span<const Uid> subjects);
    // How often open() was given what its key does not open, since the start: changed, moved or of another key.
    std::uint64_t failures() const { return failures_.load(); }

  private:
    friend class SubjectKeyBatch;
    struct Cache;
    using Keys = std::unordered_map<Uid, CachedKey>;
    Result<Keys> gather(std::span<const Uid> subjects, KeyStore& store);
    Result<void> take(std::span<const std::optional<WrappedKey>> found, Keys& into, KeyStore& store);
    Result<std::shared_ptr<const crypto::AeadKey>> unwrap(const WrappedKey& wrapped) const;
    CachedKey make(const Uid& subject);
    const KeyRing& ring_;
    crypto::Random& random_;
    std::unique_ptr<Cache> cache_;
    std::atomic<std::uint64_t> failures_ = 0;
};

}  // namespace tributary::vault
