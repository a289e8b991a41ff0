// Re-wrapping: the key of a subject or of a secret, sealed anew with the primary key of the ring. The data sealed with
// that key stay as they are. Pure.
#pragma once

#include <optional>

#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/vault/key_ring.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::vault {

// nullopt when the primary key wraps it already. internal: it does not open, its row was changed or its key is gone.
Result<std::optional<WrappedKey>> rewrapped(const WrappedKey& key, const KeyRing& ring, crypto::Random& random);
// The new `wrapped_key` of the secret.
Result<std::optional<std::string>> rewrapped(const SealedSecret& secret, const KeyRing& ring, crypto::Random& random);

// internal when it does not open, whichever key of the ring wraps it.
Result<void> check_opens(const WrappedKey& key, const KeyRing& ring);
// The fields too.
Result<void> check_opens(const SealedSecret& secret, const KeyRing& ring);

}  // namespace tributary::vault
