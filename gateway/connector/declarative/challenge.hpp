// Challenge: a handshake that a platform expects an answer to, as `webhooks.challenges` of a connector.yaml lists them.
// What is echoed is at most 4 KB and never HTML.
//
//   challenges:
//     - when: { method: GET, values: [ { path: query.hub.mode, equals: subscribe } ] }
//       token: { value: "{query.hub.verify_token}", key: "{credentials.verify_token}" }
//       answer: { text: "{query.hub.challenge}" }
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/condition.hpp"
#include "gateway/connector/declarative/verify.hpp"

namespace tributary::connector {

inline constexpr std::string_view kChallengeRefused = "challenge_refused";

struct Challenge {
    struct When {
        std::string method;             // empty: any
        std::vector<ValueTest> values;  // `path` is a name of signature_values.hpp, without braces
    };
    struct Answer {
        int status = 200;
        Template text;                     // text/plain; empty, with `json` absent: an empty body
        std::optional<BodyTemplate> json;  // application/json
    };

    When when;
    std::optional<StaticVerify> token;  // must fit, else refused with challenge_refused
    bool is_signed = false;             // `signed`: the request must pass the deliveries' `verify` too
    std::optional<Verify> verify;       // and this one, where the handshake is signed in another way
    Answer answer;

    bool applies(SignatureValues& values) const;
    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<Challenge>& describe(spec::Tag<Challenge>);

// The answer of the first challenge that applies; nullopt when none does: an ordinary delivery.
std::optional<Result<InboundAnswer>> answer_challenge(const std::vector<Challenge>& challenges, const Verify& verify,
                                                      SignatureValues& values, Timestamp now,
                                                      const TimeWindow& window = {});

}  // namespace tributary::connector
