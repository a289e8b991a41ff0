// Errors: what an answer means. A file's own rules come first, also for HTTP 200; then net's table of statuses.
//
// The text shows the rule's message, the status and, when the rule names it, a short machine code out of the body. It
// never holds free text of the other side, which may repeat personal values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/figure.hpp"
#include "gateway/net/retry_after.hpp"

namespace tributary::connector {

struct ErrorRule {
    Condition when;
    struct Meaning {
        std::optional<Fault> fault;  // nullopt, written `none`: no error, there is just nothing
    } means;
    std::string message;
    std::string code;  // body path of a machine code: shown when it is short and made of A-Z a-z 0-9 _ . -
    std::optional<Milliseconds> wait;
};
const spec::Type<ErrorRule>& describe(spec::Tag<ErrorRule>);

// Where a throttled answer says how long to wait. The first readable one counts, then the standard headers.
struct ThrottleHint : Figure {
    net::ResetUnit unit = net::ResetUnit::seconds;
};
const spec::Type<ThrottleHint>& describe(spec::Tag<ThrottleHint>);

struct ErrorRules {
    std::vector<ErrorRule> rules;
    std::vector<ThrottleHint> throttle;
};

// nullopt: the answer is fine. An unreadable body of a 2xx is Fault::transient.
std::optional<Error> judge(const Answer& answer, const ErrorRules& rules, Timestamp now);

// Whether a rule with `fault: none` spoke for this answer: it may lack the records that others have.
bool excused(const Answer& answer, const ErrorRules& rules);

// The text at that path when it is a short machine code, so that it may be shown.
std::optional<std::string> machine_code(value::Node node, const std::string& path);

// How long to wait, for an answer already known to be a refusal for its rate.
std::optional<Milliseconds> wait_hint(const Answer& answer, const std::vector<ThrottleHint>& hints, Timestamp now);

}  // namespace tributary::connector
