#include "gateway/access/bearer.hpp"

#include <algorithm>

#include "gateway/access/totp.hpp"
#include "gateway/base/ascii.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"

namespace tributary::access {
namespace {

constexpr std::size_t kIdDigits = 16, kBearerBytes = 32, kBearerDigits = 43, kRecoveryBytes = 10;

std::string_view prefix_of(BearerKind kind) {
    return kind == BearerKind::session ? "tris_" : "tri_";
}

}  // namespace

std::optional<Bearer> Bearer::parse(std::string_view text) {
    const auto kind = text.starts_with("tris_") ? BearerKind::session : BearerKind::api_token;
    const auto prefix = prefix_of(kind);
    if (!text.starts_with(prefix) || text.size() != prefix.size() + kIdDigits + 1 + kBearerDigits) return std::nullopt;
    const auto id = text.substr(prefix.size(), kIdDigits);
    if (!from_hex(id) || text[prefix.size() + kIdDigits] != '_') return std::nullopt;
    return Bearer{kind, std::string(id), crypto::sha256(text)};
}

NewBearer make_bearer(BearerKind kind, crypto::Random& random) {
    NewBearer made;
    made.text = std::string(prefix_of(kind)) + to_hex(crypto::random_bytes(kIdDigits / 2, random)) + "_" +
                to_base64url(crypto::random_bytes(kBearerBytes, random));
    made.bearer = *Bearer::parse(made.text);
    return made;
}

std::string make_recovery_code(crypto::Random& random) {
    const auto digits = lower_ascii(to_base32(crypto::random_bytes(kRecoveryBytes, random)));
    return digits.substr(0, 4) + "-" + digits.substr(4, 4) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4);
}

crypto::Digest<32> recovery_hash(std::string_view code) {
    std::string plain;
    for (const char c : lower_ascii(code))
        if (is_letter(c) || is_digit(c)) plain += c;
    return crypto::sha256("recovery " + plain);
}

}  // namespace tributary::access
