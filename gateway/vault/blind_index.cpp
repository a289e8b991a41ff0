#include "gateway/vault/blind_index.hpp"

#include "gateway/crypto/aead.hpp"

namespace tributary::vault {

BlindIndex::BlindIndex(const KeyRing& ring, Use use) : key_(crypto::Hash::sha256, ring.primary(use)->key().reveal()) {}

crypto::Digest<32> BlindIndex::of(std::string_view type, std::string_view value) const {
    return key_.sign_sha256(crypto::Place{"blind", type, value}.bytes());
}

Uid BlindIndex::subject_of(std::string_view connection, std::string_view entity, std::string_view external_id) const {
    auto hash = key_.sign_sha256(crypto::Place{"subject", connection, entity, external_id}.bytes());
    return Uid::from_bytes(std::span<const std::uint8_t, 16>(hash.data(), 16));
}

}  // namespace tributary::vault
