#include "gateway/connector/declarative/subscription_rule.hpp"

namespace tributary::connector {

void SubscriptionRule::check(const Names& names, spec::Problems& problems) const {
    auto here = names;
    here.any("callback_url");
    if (list) list->check(here, problems);
    for (const auto& [_, text] : match) text.check(here, problems);
    here.any("topic").any("topics");
    create.check(here, problems);
    for (const auto& [credential, where] : keep) {
        where.check(here, problems);
        if (const auto objection = names.objection("credentials." + credential))
            problems.add(spec::Place{}, "subscriptions: keep: " + *objection);
    }
    here.any("id");
    if (renew) renew->check(here, problems);
    if (remove) remove->check(here, problems);
}

const spec::Type<SubscriptionRule>& describe(spec::Tag<SubscriptionRule>) {
    using R = SubscriptionRule;
    static const auto type =
        spec::Object<R>("subscriptions", "how the system is told where to send its webhooks")
            .field(
                "list", &R::list,
                {.summary =
                     "reads those that are there; without it `create` is repeated every hour, which must do no harm"})
            .field(
                "match", &R::match,
                {.summary = "which of them are ours: a path, and its text, such as {callback_url}", .required = false})
            .field("id", &R::id, {.summary = "path of its id", .fallback = "id"})
            .field("topic", &R::topic,
                   {.summary = "path of its topic; without it one subscription holds all topics", .required = false})
            .field("topics", &R::topics,
                   {.summary = "path of the list of topics that one for all topics is for: where it is not that of the "
                               "connection, it is made anew",
                    .required = false})
            .field("expires", &R::expires, {.summary = "path of the time when it ends", .required = false})
            .field("expires_format", &R::expires_form, {.summary = "how that time is written", .fallback = "rfc3339"})
            .field("renew_before", &R::renew_before, {.summary = "how long before its end", .fallback = "1d"})
            .field("alive", &R::alive, {.summary = "a test that fails for one which was switched off: it is renewed"})
            .field("create", &R::create, {.summary = "makes one: {callback_url} and {topic}, or {topics}"})
            .field("renew", &R::renew,
                   {.summary = "keeps one alive: {id}; without it an old one is removed and made anew"})
            .field("remove", &R::remove, {.summary = "removes one: {id}"})
            .field("keep", &R::keep,
                   {.summary = "what the answer to `create` tells only then, such as the secret that signs, by the "
                               "credential that it becomes",
                    .required = false})
            .field("errors", &R::errors, {.summary = "asked before the connector's own", .required = false})
            .check([](const R& rule, const spec::Yaml& yaml, spec::Problems& problems) {
                if ((!rule.expires.empty() || rule.alive) && !rule.renew && !rule.remove)
                    problems.add(yaml.place(), "what expires or is switched off needs renew or remove");
                if (!rule.list &&
                    (!rule.match.empty() || !rule.topic.empty() || !rule.expires.empty() || rule.alive || rule.renew))
                    problems.add(yaml.place(), "match, topic, expires, alive and renew are about what `list` gives");
                if (!rule.keep.empty() && (!rule.list || !rule.remove))
                    problems.add(yaml.place(), "keep needs list and remove: one whose secret got lost is made anew");
                if (!rule.keep.empty() && !rule.topic.empty())
                    problems.add(yaml.place(),
                                 "keep goes with one subscription for all topics: a credential holds ten values");
                if (!rule.topics.empty() && (!rule.topic.empty() || !rule.list || !rule.remove))
                    problems.add(yaml.place(), "topics goes with list and remove, and without topic");
                if (rule.list && rule.match.empty())
                    problems.add(yaml.place(), "match is missing: which of those listed are ours");
                if (!rule.expires_form.is_time()) problems.add(yaml.place(), "expires_format must be a time form");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
