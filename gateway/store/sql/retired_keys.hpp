// RetiredKeys: whether a key of the ring was retired, asked before anything that it wraps or seals is put.
#pragma once

#include <optional>
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
    // With which key it is sealed; what is no sealed value has none.
    static std::optional<Uid> key_of(std::string_view value) {
        const auto envelope = crypto::Envelope::read(value);
        if (!envelope) return std::nullopt;
        return envelope->key_id;
    }
    // `place` says whose value it is.
    static std::unexpected<Error> refusal(std::string place) {
        return fail(Fault::conflict, "the key that seals it was retired meanwhile: seal again", std::move(place));
    }
    // conflict: `value` is sealed with a retired key.
    Result<void> refuse(std::string_view value, const std::string& place) {
        const auto key = key_of(value);
        if (!key) return {};
        TRY(const bool retired, holds(*key));
        if (retired) return refusal(place);
        return {};
    }

  private:
    Statement find_;
};

}  // namespace tributary::store
