// Jwt: a signed token in its compact form (RFC 7515 section 3.1, RFC 7519), taken apart and not yet believed. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

struct Jwt {
    std::string algorithm;
    std::string key_id;  // empty: the token names none
    value::Document claims;
    std::string_view signed_part;  // of the text that was read, which outlives the Jwt
    std::string signature;         // its bytes; empty for the algorithm "none"

    // nullopt: not three parts in base64url, a header or claims that are no JSON objects, no algorithm, a header that
    // must be understood (`crit`) and is not, or longer than 16 KB.
    static std::optional<Jwt> read(std::string_view text);
};

// The claims alone, whatever the header says, for those who only want to know when to ask for a new token.
std::optional<value::Document> jwt_claims(std::string_view text);

enum class JwtTime : std::uint8_t { absent, broken, given };
// A NumericDate (RFC 7519 section 2), up to the year 9999; a fraction of a second is dropped.
struct JwtMoment {
    JwtTime is = JwtTime::absent;
    Timestamp at{};
};
JwtMoment jwt_moment(value::Node claims, std::string_view claim);

}  // namespace tributary::connector
