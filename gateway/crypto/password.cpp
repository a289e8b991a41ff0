#include "gateway/crypto/password.hpp"

#include <bit>
#include <optional>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/scrypt.hpp"

namespace tributary::crypto {
namespace {

struct Stored {
    ScryptCost cost;
    std::string salt, hash;
};

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view name) {
    if (!text.starts_with(name)) return std::nullopt;
    auto value = to_integer(text.substr(name.size()));
    return value && *value > 0 ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<Stored> read(std::string_view text) {
    auto parts = split(text, '$');
    if (parts.size() != 5 || !parts[0].empty() || parts[1] != "scrypt") return std::nullopt;
    auto costs = split(parts[2], ',');
    if (costs.size() != 3) return std::nullopt;
    auto ln = number_after(costs[0], "ln="), r = number_after(costs[1], "r="), p = number_after(costs[2], "p=");
    auto salt = from_base64(parts[3]), hash = from_base64(parts[4]);
    if (!ln || !r || !p || *ln > 20 || *r > 8 || *p > 4 || !salt || !hash || hash->size() != 32) return std::nullopt;
    return Stored{{1ULL << *ln, *r, *p}, *salt, *hash};
}

std::string unpadded(std::string_view bytes) {
    auto text = to_base64(bytes);
    return text.substr(0, text.find('='));
}

}  // namespace

Result<std::string> hash_password(std::string_view password, Random& random) {
    auto salt = random_bytes(16, random);
    TRY(auto hash, scrypt(password, salt));
    return "$scrypt$ln=17,r=8,p=1$" + unpadded(salt) + "$" + unpadded(hash.reveal());
}

bool password_matches(std::string_view password, std::string_view stored) {
    auto parts = read(stored);
    if (!parts) return false;
    auto hash = scrypt(password, parts->salt, 32, parts->cost);
    return hash && equal(hash->reveal(), parts->hash);
}

}  // namespace tributary::crypto
