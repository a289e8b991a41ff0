// Digest: 32 bytes of a hash or keyed hash: dedup keys, blinded match keys, idempotency keys, content hashes.
#pragma once

#include "gateway/crypto/digest.hpp"

namespace tributary::store {

using Digest = crypto::Digest<32>;

}  // namespace tributary::store
