// KeyCache: unwrapped subject keys, bounded. Two generations stand in for an exact least-recently-used order: a key
// that was not touched while half the capacity came in is dropped. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "gateway/base/uid.hpp"
#include "gateway/crypto/aead.hpp"

namespace tributary::vault {

struct CachedKey {
    std::shared_ptr<const crypto::AeadKey> key;
    // The wrapped form while no transaction has made it durable yet.
    std::shared_ptr<const std::string> pending;
};

class KeyCache {
  public:
    explicit KeyCache(std::size_t capacity) : half_(capacity / 2 + 1) {}

    CachedKey* find(const Uid& subject) {
        if (auto at = young_.find(subject); at != young_.end()) return &at->second;
        auto at = old_.find(subject);
        if (at == old_.end()) return nullptr;
        auto kept = std::move(at->second);
        old_.erase(at);
        return &put(subject, std::move(kept));
    }
    CachedKey& put(const Uid& subject, CachedKey key) {
        if (young_.size() >= half_) {
            old_ = std::exchange(young_, {});
            young_.reserve(half_);
        }
        return young_.insert_or_assign(subject, std::move(key)).first->second;
    }
    void drop(const Uid& subject) {
        young_.erase(subject);
        old_.erase(subject);
    }
    std::size_t size() const { return young_.size() + old_.size(); }

  private:
    std::size_t half_;
    std::unordered_map<Uid, CachedKey> young_, old_;
};

}  // namespace tributary::vault
