// BlindIndex: keyed hashes that find equal values without storing them, and the pseudonymous id of a data subject.
#pragma once

#include <string_view>

#include "gateway/base/uid.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::vault {

// Safe from several threads. Does not keep the ring.
class BlindIndex {
  public:
    // The suppression list has a key of its own (Use::suppression), so that its hashes match nothing else we hold.
    explicit BlindIndex(const KeyRing& ring, Use use = Use::blind_index);
    // HMAC-SHA256 over type and value, each with its length. REQUIRES: the value is normalised ("email", "phone" ...).
    crypto::Digest<32> of(std::string_view type, std::string_view value) const;
    // The subject that one record of a source speaks about: the first 16 bytes of a keyed hash over all three.
    Uid subject_of(std::string_view connection, std::string_view entity, std::string_view external_id) const;

  private:
    crypto::HmacKey key_;
};

}  // namespace tributary::vault
