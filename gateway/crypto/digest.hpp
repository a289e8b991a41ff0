// Digests: hash functions over bytes. MD5 and SHA-1 are here only because platforms still sign with them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tributary::crypto {

enum class Hash : std::uint8_t { md5, sha1, sha256, sha512 };
// "sha256"; the name used in YAML.
std::string_view name_of(Hash hash);

template <std::size_t N>
struct Digest : std::array<std::uint8_t, N> {
    std::string_view view() const { return {reinterpret_cast<const char*>(this->data()), N}; }
    std::string text() const { return std::string(view()); }
};

// The raw digest, 16, 20, 32 or 64 bytes.
std::string digest(Hash hash, std::string_view bytes);
// Without an allocation.
Digest<32> sha256(std::string_view bytes);

}  // namespace tributary::crypto
