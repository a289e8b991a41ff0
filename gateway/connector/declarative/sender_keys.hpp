// SenderKeys: the public keys with which a sender signs its tokens: a JWK set (RFC 7517). Immutable, safe from several
// threads.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/crypto/ecdsa.hpp"
#include "gateway/crypto/rsa.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

// RFC 7518 section 3.1. The closed list: neither "none" nor a keyed hash, for which a public key would be the secret.
enum class JwtAlgorithm { rs256, es256 };
std::string_view name_of(JwtAlgorithm algorithm);

// One key, good for one algorithm: what a token's header says picks among keys and never what is done with one.
class SenderKey {
  public:
    SenderKey(std::string id, crypto::RsaPublicKey key) : id_(std::move(id)), key_(std::move(key)) {}
    SenderKey(std::string id, crypto::EcdsaKey key) : id_(std::move(id)), key_(std::move(key)) {}

    const std::string& id() const { return id_; }
    JwtAlgorithm algorithm() const;
    bool verifies(std::string_view message, std::string_view signature) const;

  private:
    std::string id_;
    std::variant<crypto::RsaPublicKey, crypto::EcdsaKey> key_;
};

class SenderKeys {
  public:
    // Keys of other kinds, curves and uses are passed over. Fault::transient when no key is left: what served it is not
    // well. At most 100 keys count.
    static Result<SenderKeys> read(value::Node jwks);

    // nullptr: no such key. A token that names none is of the only key of that algorithm, if there is just one.
    const SenderKey* find(std::string_view id, JwtAlgorithm algorithm) const;

  private:
    std::vector<SenderKey> keys_;
};

}  // namespace tributary::connector
