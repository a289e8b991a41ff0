#include "gateway/backup/archive_form.hpp"

#include "gateway/crypto/hkdf.hpp"

namespace tributary::backup {

crypto::SecretBytes manifest_seed(const crypto::AeadKey& ring_key) {
    return crypto::hkdf_sha256(ring_key.key().reveal(), "", "tributary backup manifest");
}

std::string signer_name(std::string_view gateway) {
    return std::string(gateway) + "/backup";
}

crypto::Place key_place(const Manifest& manifest) {
    return {"backup key", manifest.id.view(), name_of(manifest.kind)};
}

crypto::Place chunk_place(const Manifest& manifest, std::string_view part, std::uint64_t number, bool last) {
    return {"backup chunk", manifest.id.view(),     name_of(manifest.kind),
            part,           std::to_string(number), last ? "last" : "more"};
}

std::string length_bytes(std::size_t size) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    return out;
}

std::size_t length_of(std::string_view four) {
    std::size_t size = 0;
    for (const char c : four) size = size << 8 | static_cast<std::uint8_t>(c);
    return size;
}

}  // namespace tributary::backup
