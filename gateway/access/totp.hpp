// TOTP (RFC 6238): six digits that a phone computes from a shared secret and the time, in steps of 30 s. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::access {

constexpr std::size_t kTotpSecretBytes = 20;

// RFC 4648 base32 in capitals, without padding: what authenticator programs take.
std::string to_base32(std::string_view bytes);
std::int64_t totp_step(Timestamp now);
// `digits` at most 8. The RFC's vectors use all three hashes; users get sha1, which every authenticator knows.
std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6,
                      crypto::Hash hash = crypto::Hash::sha1);
// The step that the code is of: this one, the one before or the one after, but never one up to `last_step`, which were
// used. nullopt: wrong, or used already. Looks at every step whatever the code is.
std::optional<std::int64_t> accept_totp(std::string_view secret, std::string_view code, Timestamp now,
                                        std::int64_t last_step);
// "otpauth://totp/...", for a QR code.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view user);

}  // namespace tributary::access
