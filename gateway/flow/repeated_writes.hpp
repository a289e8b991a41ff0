// RepeatedWrites: a write that comes with an Idempotency-Key is done once. The same request with the same key within 24
// h gets the first answer again; another request with that key is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

constexpr Milliseconds kAnswersKept = std::chrono::hours{24};

struct KeptAnswer {
    int status = 0;
    std::string body;
};

// Threads: any. Blocks on the store.
class RepeatedWrites {
  public:
    // All of them outlive it.
    RepeatedWrites(store::Store& store, const vault::KeyRing& ring, crypto::Random& random, const Clock& clock)
        : store_(store), ring_(ring), random_(random), clock_(clock) {}

    // Keys of different callers are different keys.
    static store::Digest key_of(std::string_view caller, std::string_view key);
    // The answer that was given before; nullopt: go on, the key is taken. bad_input: the key was used for another
    // request. conflict: the first one is not answered yet, or the gateway stopped before it was.
    Result<std::optional<KeptAnswer>> begin(const store::Digest& key, const store::Digest& request);
    Result<void> finish(const store::Digest& key, const store::Digest& request, const KeptAnswer& answer);
    // Nothing was done: the key may be used again.
    Result<void> forget(const store::Digest& key);

  private:
    store::Store& store_;
    const vault::KeyRing& ring_;
    crypto::Random& random_;
    const Clock& clock_;
};

}  // namespace tributary::flow
