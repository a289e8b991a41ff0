#include "gateway/vault/secret_fields.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tributary::vault {
namespace {

constexpr std::size_t kLength = 4;

std::uint8_t* write_part(std::uint8_t* at, std::string_view part) {
    auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(size >> shift);
    return std::ranges::copy(part, at).out;
}

std::optional<std::string_view> read_part(std::string_view& bytes) {
    if (bytes.size() < kLength) return std::nullopt;
    std::size_t size = 0;
    for (char c : bytes.substr(0, kLength)) size = size << 8 | static_cast<unsigned char>(c);
    bytes.remove_prefix(kLength);
    if (bytes.size() < size) return std::nullopt;
    auto part = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return part;
}

}  // namespace

crypto::SecretBytes write_fields(const SecretFields& fields) {
    std::size_t size = 0;
    for (const auto& [name, value] : fields) size += 2 * kLength + name.size() + value.size();
    auto out = crypto::SecretBytes::of_size(size);
    auto* at = out.data().data();
    for (const auto& [name, value] : fields) at = write_part(write_part(at, name), value.reveal());
    return out;
}

Result<SecretFields> read_fields(std::string_view bytes) {
    SecretFields fields;
    while (!bytes.empty()) {
        auto name = read_part(bytes);
        auto value = name ? read_part(bytes) : std::nullopt;
        if (!value) return fail(Fault::internal, "the fields of a secret are cut short");
        fields.emplace(*name, crypto::SecretBytes(*value));
    }
    return fields;
}

}  // namespace tributary::vault
