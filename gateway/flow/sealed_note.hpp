// Sealed notes: texts of the access tables that must not lie in clear (secrets of second factors, what an approval
// asks, answers kept for repeated writes), sealed with the credential key of the ring and bound to their row.
#pragma once

#include <string>
#include <string_view>

#include "gateway/crypto/aead.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

std::string seal_note(const vault::KeyRing& ring, crypto::Random& random, const crypto::Place& place,
                      std::string_view text);
// refused: it was changed or moved. not_found: its key is no longer in the ring.
Result<std::string> open_note(const vault::KeyRing& ring, const crypto::Place& place, std::string_view sealed);

}  // namespace tributary::flow
