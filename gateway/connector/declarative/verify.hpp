// Verify: how a webhook proves where it comes from, as `webhooks.verify` of a connector.yaml says it. One vocabulary
// for every platform; pure, so it can be fuzzed and replayed. Facts: each connector.yaml names its sources.
//
//   verify: { type: hmac, algorithm: sha256, over: "{body}", header: X-Shopify-Hmac-Sha256, encoding: base64,
//             key: "{credentials.webhook_secret}" }
//
// Every active secret is tried against every signature of the request, decoded digests are compared in constant time,
// and no comparison is skipped. An empty secret is a configuration error: it would let anyone sign.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/connector/declarative/jwt_verify.hpp"
#include "gateway/connector/declarative/signature_values.hpp"
#include "gateway/connector/declarative/template.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/spec/alternatives.hpp"

namespace tributary::connector {

// Reason codes: `what` of an Error with Fault::unauthorized.
inline constexpr std::string_view kSignatureMissing = "signature_missing";
inline constexpr std::string_view kSignatureMalformed = "signature_malformed";
inline constexpr std::string_view kSignatureMismatch = "signature_mismatch";
inline constexpr std::string_view kTimestampMissing = "timestamp_missing";  // or not a number
inline constexpr std::string_view kTimestampStale = "timestamp_stale";
inline constexpr std::string_view kTimestampFuture = "timestamp_future";

// Several values in one text: "v1,AAA v1,BBB" or "t=1,v1=aa,v1=bb". Those that begin with `pick` count, without it.
struct ValueList {
    std::string separator;
    std::string pick;

    std::vector<std::string_view> read(std::string_view text) const;
};

// From the text of a signature to the bytes of a digest, step by step.
enum class DigestStep { hex, base64, after_colon };
enum class KeyEncoding { text, base64, hex, html_entities };
enum class TimeUnit { seconds, milliseconds };

struct SignedTime {
    Template from;
    std::optional<ValueList> list;
    TimeUnit unit = TimeUnit::seconds;
    Milliseconds tolerance = std::chrono::minutes{5};  // how old it may be
    Milliseconds future = std::chrono::minutes{1};     // how far ahead of our clock
};

// What hmac, hash and ecdsa share.
struct SignedMessage {
    std::string header;  // where the signature is; or
    Template signature;
    std::string prefix;  // that every signature has
    std::vector<DigestStep> encoding;
    std::optional<ValueList> list;
    Template over;                 // what is signed; {timestamp} is the text of `timestamp`, {key} the secret
    std::vector<Template> sorted;  // or these, sorted bytewise and joined (WeChat and its kin)
    Template key;                  // one secret; rendered once for each active one
    KeyEncoding key_encoding = KeyEncoding::text;
    std::string key_prefix;  // dropped from the secret when it is there
    std::optional<SignedTime> timestamp;
};

struct HmacVerify : SignedMessage {
    crypto::Hash algorithm = crypto::Hash::sha256;
};
// A plain digest over a text with the secret in it ({key}).
struct HashVerify : SignedMessage {
    crypto::Hash algorithm = crypto::Hash::sha256;
};
// P-256 with SHA-256; `key` is the public key, `encoding` gives a DER signature.
struct EcdsaVerify : SignedMessage {};
// A secret that is sent along: header, body field, query parameter, Basic auth. With `each`, a path to a list in the
// JSON body: every item ({item.x}) must carry it, and there must be one.
struct StaticVerify {
    Template value;
    std::string each;
    Template key;
};
struct NoVerify {
    std::string because;
};

struct Verify;
// Accepts what any of them accepts; refuses with the reason of the first whose signature is there.
struct AnyVerify {
    std::vector<Verify> of;
};

// A vector of published signatures brings its own clock and tolerance.
struct TimeWindow {
    std::optional<Milliseconds> tolerance;  // instead of the described one, in both directions
    bool check = true;
};

struct Verify {
    std::variant<HmacVerify, HashVerify, EcdsaVerify, StaticVerify, JwtVerify, NoVerify, AnyVerify> how;

    // Fault::unauthorized with a reason code; transient: public keys are lacking (jwt_verify.hpp); any other fault is
    // the credentials' or the settings' own (not set, vault sealed).
    Result<void> verify(SignatureValues& values, Timestamp now, const TimeWindow& window = {}) const;
    void check(const Names& names, spec::Problems& problems) const;
    // Whether nothing is verified.
    bool open() const { return std::holds_alternative<NoVerify>(how); }
};
const spec::Type<Verify>& describe(spec::Tag<Verify>);
// The fields of StaticVerify without a `type:`, for a challenge's token.
spec::Object<StaticVerify> static_verify_object();

}  // namespace tributary::connector
