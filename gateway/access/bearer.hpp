// Bearer: what a client shows with each request. 256 random bits behind an id; the store has the id and the SHA-256 of
// the whole, so a copy of it opens nothing.
//
//     tri_<16 hex digits>_<43 base64url>     an API token
//     tris_<16 hex digits>_<43 base64url>    a session
// The fixed beginning lets scanners find a token that got into a repository.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/random.hpp"

namespace tributary::access {

enum class BearerKind : std::uint8_t { api_token, session };

struct Bearer {
    BearerKind kind = BearerKind::api_token;
    std::string id;
    crypto::Digest<32> hash{};

    // nullopt when it has not our form.
    static std::optional<Bearer> parse(std::string_view text);
};

struct NewBearer {
    std::string text;  // shown once
    Bearer bearer;
};
NewBearer make_bearer(BearerKind kind, crypto::Random& random);

// Codes for the day when the phone is lost: 80 bits each, used once. Only hashes are kept.
std::string make_recovery_code(crypto::Random& random);
// Blanks, dashes and the case of letters do not matter.
crypto::Digest<32> recovery_hash(std::string_view code);

}  // namespace tributary::access
