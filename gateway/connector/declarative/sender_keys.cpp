#include "gateway/connector/declarative/sender_keys.hpp"

#include <algorithm>
#include <optional>

#include "gateway/base/base64.hpp"

namespace tributary::connector {
namespace {

constexpr std::size_t kMostKeys = 100;

std::string number(value::Node jwk, std::string_view name) {
    return from_base64(jwk.find(name).text()).value_or("");
}

// nullopt: none that a token could be signed with here.
std::optional<SenderKey> read_key(value::Node jwk) {
    const auto use = jwk.find("use"), algorithm = jwk.find("alg");
    if (use && use.text() != "sig") return std::nullopt;
    const auto fits = [&](JwtAlgorithm wanted) { return !algorithm || algorithm.text() == name_of(wanted); };
    std::string id(jwk.find("kid").text());
    if (jwk.find("kty").text() == "RSA" && fits(JwtAlgorithm::rs256)) {
        auto key = crypto::RsaPublicKey::from_numbers(number(jwk, "n"), number(jwk, "e"));
        if (key) return SenderKey(std::move(id), *std::move(key));
    }
    if (jwk.find("kty").text() == "EC" && jwk.find("crv").text() == "P-256" && fits(JwtAlgorithm::es256)) {
        auto key = crypto::EcdsaKey::from_point(number(jwk, "x"), number(jwk, "y"));
        if (key) return SenderKey(std::move(id), *std::move(key));
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(JwtAlgorithm algorithm) {
    return algorithm == JwtAlgorithm::rs256 ? "RS256" : "ES256";
}

JwtAlgorithm SenderKey::algorithm() const {
    return std::holds_alternative<crypto::RsaPublicKey>(key_) ? JwtAlgorithm::rs256 : JwtAlgorithm::es256;
}

bool SenderKey::verifies(std::string_view message, std::string_view signature) const {
    if (const auto* rsa = std::get_if<crypto::RsaPublicKey>(&key_)) return rsa->verifies_sha256(message, signature);
    return std::get<crypto::EcdsaKey>(key_).verifies_pair(message, signature);
}

Result<SenderKeys> SenderKeys::read(value::Node jwks) {
    SenderKeys out;
    for (const auto jwk : jwks.find("keys")) {
        if (out.keys_.size() == kMostKeys) break;
        if (auto key = read_key(jwk)) out.keys_.push_back(*std::move(key));
    }
    if (out.keys_.empty()) return fail(Fault::transient, "there is no RS256 or ES256 key in what should be a JWK set");
    return out;
}

const SenderKey* SenderKeys::find(std::string_view id, JwtAlgorithm algorithm) const {
    const auto fits = [&](const SenderKey& key) {
        return key.algorithm() == algorithm && (id.empty() || key.id() == id);
    };
    if (id.empty() && std::ranges::count_if(keys_, fits) != 1) return nullptr;
    const auto found = std::ranges::find_if(keys_, fits);
    return found == keys_.end() ? nullptr : &*found;
}

}  // namespace tributary::connector
