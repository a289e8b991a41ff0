// Webhooks: what a system sends on its own, as a file writes it. Verifying stands in verify.hpp, handshakes in
// challenge.hpp; this is what makes events of an accepted request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/challenge.hpp"
#include "gateway/connector/declarative/encrypted_body.hpp"
#include "gateway/connector/declarative/stream.hpp"
#include "gateway/connector/declarative/subscription_rule.hpp"
#include "gateway/connector/declarative/verify.hpp"

namespace tributary::connector {

struct TopicRule {
    std::string stream;
    bool thin = false;  // holds just a key: the record is fetched before it is mapped
    bool news = false;  // `read`: holds no record: the stream is read at once
    bool deleted = false;
    bool ignore = false;    // accepted, and nothing is made of it
    bool subscribe = true;  // false: it comes by itself, or is switched on in the system's console
    std::string records;    // path of the record or of the list of records, or through lists; empty: the whole body
    std::vector<ValueTest> where;  // which of the records count: those for which all of it holds
    std::optional<KeyRule> key;    // default: the stream's
};
const spec::Type<TopicRule>& describe(spec::Tag<TopicRule>);

// One body with events of several topics.
struct SplitRule {
    std::string records;  // path of the list, or through lists ("entry[].changes[]")
    std::string topic;    // path in each
};
const spec::Type<SplitRule>& describe(spec::Tag<SplitRule>);

struct Webhooks {
    std::optional<Verify> verify;
    std::optional<EncryptedBody> encrypted;  // topic, delivery_id and events are those of the opened body
    std::vector<Challenge> challenges;
    Template delivery_id;
    Template topic;
    std::optional<SplitRule> split;
    // What each topic becomes, several streams perhaps; none: every topic is its own stream.
    std::vector<spec::Named<std::vector<TopicRule>>> topics;
    struct Accepted : InboundAnswer {
        std::optional<EncryptedAnswer> encrypted;  // instead of the body
    };
    std::optional<SubscriptionRule> subscriptions;
    Accepted accepted{{202, "text/plain", ""}, {}};

    // Whether the system can and need be asked for this topic.
    bool subscribes(std::string_view topic) const;
    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<Webhooks>& describe(spec::Tag<Webhooks>);

}  // namespace tributary::connector
