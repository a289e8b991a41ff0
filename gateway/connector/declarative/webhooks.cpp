#include "gateway/connector/declarative/webhooks.hpp"

#include <algorithm>

namespace tributary::connector {

void Webhooks::check(const Names& names, spec::Problems& problems) const {
    if (verify) verify->check(names, problems);
    if (encrypted) encrypted->check(names, problems);
    for (const auto& challenge : challenges) challenge.check(names, problems);
    delivery_id.check(names, problems);
    topic.check(names, problems);
    Names record;
    record.any("record");
    for (const auto& [_, rules] : topics)
        for (const auto& rule : rules)
            if (rule.key) rule.key->text.check(record, problems);
}

bool Webhooks::subscribes(std::string_view name) const {
    if (name == "*") return false;
    const auto known = std::ranges::find(topics, name, [](const auto& each) { return each.name; });
    return known == topics.end() ||
           std::ranges::any_of(known->value, [](const TopicRule& rule) { return !rule.ignore && rule.subscribe; });
}

const spec::Type<TopicRule>& describe(spec::Tag<TopicRule>) {
    static const auto type =
        spec::Object<TopicRule>("topic", "what becomes of a webhook of this topic")
            .field("stream", &TopicRule::stream, {.summary = "whose mapping reads it", .required = false})
            .field("thin", &TopicRule::thin, {.summary = "holds just a key: fetch the record first", .required = false})
            .field("read", &TopicRule::news,
                   {.summary = "holds no record: the stream is read at once, from where it was left; it needs a "
                               "schedule for what a webhook does not tell",
                    .required = false})
            .field("deleted", &TopicRule::deleted, {.summary = "the record is gone", .required = false})
            .field("ignore", &TopicRule::ignore, {.summary = "accept it and make nothing of it", .required = false})
            .field("subscribe", &TopicRule::subscribe,
                   {.summary = "false: it comes by itself or is switched on over there; it is not asked for",
                    .fallback = "true"})
            .field("records", &TopicRule::records,
                   {.summary = "path of the record or the list, or through lists: value.messages[]; default: the whole "
                               "body",
                    .required = false})
            .field("where", &TopicRule::where, spec::one_or_many(spec::type_of<ValueTest>()),
                   {.summary = "which of the records count: all of these hold", .required = false})
            .field("key", &TopicRule::key, {.summary = "the record's key; default: the stream's"})
            .check([](const TopicRule& rule, const spec::Yaml& yaml, spec::Problems& problems) {
                if (rule.stream.empty() != rule.ignore)
                    problems.add(yaml.place(), "give either a stream or ignore: true");
                if (rule.news && (rule.thin || rule.deleted || rule.key))
                    problems.add(yaml.place(), "a webhook after which the stream is read has no record of its own");
            })
            .type();
    return type;
}

const spec::Type<SplitRule>& describe(spec::Tag<SplitRule>) {
    static const auto type =
        spec::Object<SplitRule>("split", "one body with events of several topics")
            .field("records", &SplitRule::records,
                   {.summary = "path of the list; '.' is the whole body; entry[].changes[] goes through lists"})
            .field("topic", &SplitRule::topic, {.summary = "path of the topic in each"})
            .type();
    return type;
}

const spec::Type<Webhooks>& describe(spec::Tag<Webhooks>) {
    using Accepted = Webhooks::Accepted;
    static const auto accepted =
        spec::Object<Accepted>("accepted", "the answer once an event is kept")
            .field("status", &Accepted::status, spec::integer<int>(200, 299),
                   {.summary = "HTTP status", .fallback = "202"})
            .field("content_type", &Accepted::content_type, {.summary = "media type", .fallback = "text/plain"})
            .field("body", &Accepted::body, {.summary = "what the platform wants to read", .required = false})
            .field("encrypted", &Accepted::encrypted, {.summary = "the same, encrypted, as application/json"})
            .type();
    static const auto type =
        spec::Object<Webhooks>("webhooks", "what the system sends on its own")
            .field("verify", &Webhooks::verify, {.summary = "how it proves where it comes from"})
            .field("encrypted", &Webhooks::encrypted, {.summary = "how its bodies are encrypted"})
            .field("challenges", &Webhooks::challenges,
                   {.summary = "handshakes it expects an answer to", .required = false})
            .field("delivery_id", &Webhooks::delivery_id, {.summary = "what makes a redelivery recognisable"})
            .field("topic", &Webhooks::topic, {.summary = "what happened"})
            .field("split", &Webhooks::split, {.summary = "one body with events of several topics"})
            .field("topics", &Webhooks::topics, spec::ordered_map_of(spec::one_or_many(spec::type_of<TopicRule>())),
                   {.summary = "what becomes of each topic; none: every topic is its own stream", .required = false})
            .field("subscriptions", &Webhooks::subscriptions,
                   {.summary = "how the system is told where to send; without it an operator does it over there"})
            .field("accepted", &Webhooks::accepted, accepted,
                   {.summary = "the answer once an event is kept", .required = false})
            .check([](const Webhooks& webhooks, const spec::Yaml& yaml, spec::Problems& problems) {
                if (!webhooks.verify)
                    problems.add(yaml.place(),
                                 "verify is missing; a system that signs nothing says type: none and why");
                if (webhooks.accepted.encrypted && (!webhooks.encrypted || webhooks.encrypted->token.empty()))
                    problems.add(yaml.place(), "an encrypted answer needs encrypted with its key and token");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
