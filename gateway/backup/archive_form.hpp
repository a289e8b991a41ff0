// What writer and reader of archives agree on.
#pragma once

#include <string>
#include <string_view>

#include "gateway/backup/manifest.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::backup {

inline constexpr std::string_view kMagic = "tributary backup 1\n";
inline constexpr std::size_t kLongestHeader = 4096, kLongestManifest = 64UL << 10, kLongestName = 200;
inline constexpr char kPartFrame = 'p', kChunkFrame = 'c', kLastFrame = 'l', kManifestFrame = 'm';

// What signs manifests follows from the key that seals, so it goes with it through every rotation of the ring.
crypto::SecretBytes manifest_seed(const crypto::AeadKey& ring_key);
std::string signer_name(std::string_view gateway);
crypto::Place key_place(const Manifest& manifest);
crypto::Place chunk_place(const Manifest& manifest, std::string_view part, std::uint64_t number, bool last);
std::string length_bytes(std::size_t size);
std::size_t length_of(std::string_view four);

}  // namespace tributary::backup
