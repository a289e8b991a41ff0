// JwtVerify: a token of OpenID Connect that a sender shows with each webhook (Google Pub/Sub push). It proves who
// sends, and covers nothing of the body. Sources: OpenID Connect Core 1.0 section 3.1.3.7; RFC 8725 on what goes wrong.
//
//   verify: { type: jwt, issuer: "https://accounts.google.com", keys_url: "https://www.googleapis.com/oauth2/v3/certs",
//             audience: "{settings.push_audience}", claims: { email: "{settings.push_account}", email_verified: "true"
//             } }
//
// The keys are fetched, and fetching is no part of verify(): see Keyring and HookKeys.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/keyring.hpp"
#include "gateway/connector/declarative/template.hpp"
#include "gateway/spec/object.hpp"

namespace tributary::connector {

// Reason codes besides those of verify.hpp.
inline constexpr std::string_view kAlgorithmRefused = "algorithm_refused";  // none, a keyed hash, one not listed
inline constexpr std::string_view kKeyUnknown = "key_unknown";
inline constexpr std::string_view kIssuerMismatch = "issuer_mismatch";
inline constexpr std::string_view kAudienceMismatch = "audience_mismatch";
inline constexpr std::string_view kClaimMismatch = "claim_mismatch";
inline constexpr std::string_view kTokenExpired = "token_expired";
inline constexpr std::string_view kTokenEarly = "token_early";  // nbf or iat is ahead of our clock

struct JwtVerify {
    std::string header;
    std::string prefix;
    std::vector<JwtAlgorithm> algorithms;
    Template issuer;
    Template keys_url;               // empty: as the issuer's discovery document says
    std::vector<Template> audience;  // the token is for one of these
    Texts claims;                    // and says all of these
    Milliseconds leeway = std::chrono::minutes{1};

    void check(const Names& names, spec::Problems& problems) const;
};
spec::Object<JwtVerify> jwt_verify_object();

// How a verification gets at keys; Keyring::find for real.
using KeyFinder =
    std::function<Result<Keyring::Keys>(const KeyPlace& place, std::string_view id, JwtAlgorithm algorithm)>;

class SignatureValues;
struct TimeWindow;
// unauthorized with a reason code; transient: the keys are to be fetched first, or cannot be had now; bad_config: the
// settings lack something.
Result<void> verify_jwt(const JwtVerify& form, SignatureValues& values, Timestamp now, const TimeWindow& window);

}  // namespace tributary::connector
