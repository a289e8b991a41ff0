// SubscriptionRule: how a system is told where to send its webhooks, as a file writes it. {callback_url} is the public
// address of the connection's webhooks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/condition.hpp"
#include "gateway/connector/declarative/errors.hpp"
#include "gateway/connector/declarative/match.hpp"
#include "gateway/connector/declarative/records.hpp"
#include "gateway/connector/declarative/time_form.hpp"

namespace tributary::connector {

struct SubscriptionRule {
    std::optional<ReadRule> list;  // none: the system cannot list them, and `create` may be repeated at any time
    Match match;                   // which of those listed are ours: path, and the text over {callback_url}
    std::string id;                // path of its id
    std::string topic;             // path of its topic; empty: one subscription holds all topics
    std::string topics;            // then path of the list of them; empty: what it was made for is not known
    std::string expires;           // path of its end; empty: it has none
    TimeForm expires_form;
    Milliseconds renew_before{0};
    std::optional<ValueTest> alive;         // one for which it does not hold has been switched off: it is renewed
    RequestTemplate create;                 // {topic} of one; {topics}, the list, of all
    std::optional<RequestTemplate> renew;   // {id} {topic}; without it an old one is removed and made anew
    std::optional<RequestTemplate> remove;  // {id} {topic}
    std::vector<spec::Named<Where>> keep;   // of create's answer: secrets that are told only then, by credential
    std::vector<ErrorRule> errors;          // asked before the connector's own

    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<SubscriptionRule>& describe(spec::Tag<SubscriptionRule>);

}  // namespace tributary::connector
