// RetiredKeys: whether a key of the ring was retired, asked before anything that it wraps or seals is put.
#pragma once

#include <string_view>

#include "gateway/crypto/aead.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class RetiredKeys {
  public:
    explicit RetiredKeys(Connection& connection) : find_(connection, "SELECT 1 FROM retired_key WHERE id = ?1") {}
    Result<bool> holds(const Uid& key) {
        return find_.first([](const Row&) {}, key);
    }
    // By the key id in a sealed value; what is no sealed value has none.
    Result<bool> sealed(std::string_view value) {
        const auto envelope = crypto::Envelope::read(value);
        return envelope ? holds(envelope->key_id) : Result<bool>(false);
    }

  private:
    Statement find_;
};

}  // namespace tributary::store
