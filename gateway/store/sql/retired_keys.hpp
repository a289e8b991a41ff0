// RetiredKeys: whether a key of the ring was retired, asked before anything that it wraps or seals is put.
#pragma once

#include <string>
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
    // conflict: `value` is sealed with a retired key, as its key id tells; what is no sealed value has none. `place`
    // says whose it is.
    Result<void> refuse(std::string_view value, const std::string& place) {
        const auto envelope = crypto::Envelope::read(value);
        if (!envelope) return {};
        TRY(const bool retired, holds(envelope->key_id));
        if (retired) return fail(Fault::conflict, "the key that seals it was retired meanwhile: seal again", place);
        return {};
    }

  private:
    Statement find_;
};

}  // namespace tributary::store
