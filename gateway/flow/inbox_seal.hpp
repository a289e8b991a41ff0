// The body of a webhook as the inbox keeps it, sealed with the key of the ring for subjects: nobody knows yet whom it
// is about.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

std::string seal_inbox(const vault::KeyRing& ring, crypto::Random& random, std::string_view connection,
                       std::string_view plaintext);
// conflict: its key is not in the ring. Read the entry again: it may have been sealed anew.
Result<std::string> open_inbox(const vault::KeyRing& ring, std::string_view connection, std::string_view sealed);

}  // namespace tributary::flow
