#include "gateway/connector/declarative/definition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/definition_fields.hpp"
#include "gateway/spec/settled.hpp"

namespace tributary::connector {
namespace {

template <class T>
const T* named(const std::vector<spec::Named<T>>& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &spec::Named<T>::name);
    return found == all.end() ? nullptr : &found->value;
}

void check_topic(const Definition& definition, const std::string& topic, const TopicRule& rule,
                 spec::Problems& problems) {
    const auto* stream = definition.stream(rule.stream);
    if (rule.thin && (!stream || !stream->fetch))
        problems.add(definition.place,
                     fmt::format("webhooks: topic '{}' is thin, but no stream '{}' with a fetch reads its records",
                                 topic, rule.stream));
    if (rule.news && !stream)
        problems.add(definition.place,
                     fmt::format("webhooks: topic '{}' has stream '{}' read, and there is none", topic, rule.stream));
    if (!rule.ignore && !rule.news && !stream && !rule.key)
        problems.add(definition.place, fmt::format("webhooks: topic '{}' needs a key, since there is no stream '{}'",
                                                   topic, rule.stream));
}

void check_topics(const Definition& definition, spec::Problems& problems) {
    if (!definition.webhooks || definition.streams.empty()) return;
    for (const auto& [topic, rules] : definition.webhooks->topics)
        for (const auto& rule : rules) check_topic(definition, topic, rule, problems);
}

void check_capability(const Definition& definition, std::string_view name, const std::optional<Capability>& capability,
                      spec::Problems& problems) {
    if (!capability) return;
    const auto* action = definition.action(capability->action);
    if (!action)
        problems.add(definition.place, fmt::format("capabilities: '{}' names the action '{}', and there is none", name,
                                                   capability->action));
    else if (capability->remove && !action->remove)
        problems.add(definition.place,
                     fmt::format("capabilities: '{}' removes with the action '{}', which has no remove", name,
                                 capability->action));
}

void check_capabilities(const Definition& definition, spec::Problems& problems) {
    const auto& can = definition.capabilities;
    check_capability(definition, "unsubscribe", can.unsubscribe, problems);
    check_capability(definition, "set_consent", can.set_consent, problems);
    check_capability(definition, "delete", can.remove, problems);
    check_capability(definition, "redact", can.redact, problems);
    check_capability(definition, "export", can.export_data, problems);
}

bool needs_base(const Definition& definition) {
    const auto relative = [](const RequestTemplate& request) { return request.url.empty(); };
    const auto in_steps = [&](const StepList& list) {
        return std::ranges::any_of(list.steps, [&](const Step& step) { return relative(step.request); });
    };
    return (definition.check && relative(*definition.check)) ||
           std::ranges::any_of(definition.streams, [&](const auto& each) { return relative(each.value.request); }) ||
           std::ranges::any_of(definition.actions, [&](const auto& each) { return in_steps(each.value.push); });
}

}  // namespace

const StreamRule* Definition::stream(std::string_view name) const {
    return named(streams, name);
}
const ActionRule* Definition::action(std::string_view name) const {
    return named(actions, name);
}

void Definition::check_all(const Description* about, spec::Problems& problems, const CredentialNames* given) const {
    std::set<std::string, std::less<>> settings;
    CredentialNames credentials;
    if (given) credentials = *given;
    if (about) {
        for (const auto& each : about->settings) settings.insert(each.name);
        for (const auto& each : about->credentials) credentials.insert(each.name);
    }
    Names names;
    names.any("now").any("nonce").only("session", auth.saved());
    about ? names.only("settings", settings) : names.any("settings");
    about || given ? names.only("credentials", credentials) : names.any("credentials");

    base_url.check(names, problems);
    for (const auto& host : allowed_hosts) host.check(names, problems);
    for (const auto& host : public_hosts) host.check(names, problems);
    auth.check(names, problems);
    connector::check(defaults.headers, names, problems);
    connector::check(defaults.query, names, problems);
    if (check) check->check(names, problems);
    for (const auto& [_, stream] : streams) stream.check(names, problems);
    for (const auto& [_, action] : actions) action.check(names, problems);
    if (webhooks) {
        auto inbound = signature_names(credentials);
        about ? inbound.only("settings", settings) : inbound.any("settings");
        webhooks->check(inbound, problems);
        if (webhooks->subscriptions) webhooks->subscriptions->check(names, problems);
    }
    check_topics(*this, problems);
    check_capabilities(*this, problems);
    if (base_url.empty() && needs_base(*this))
        problems.add(place, "base_url is missing: there are requests with a path");
    if (base_url.uses("session") && allowed_hosts.empty())
        problems.add(place, "allowed_hosts is missing: a base_url out of a log-in must not lead anywhere");
}

const spec::Type<Defaults>& describe(spec::Tag<Defaults>) {
    static const auto type = spec::Object<Defaults>("defaults", "what every request carries")
                                 .field("headers", &Defaults::headers, {.summary = "headers", .required = false})
                                 .field("query", &Defaults::query, {.summary = "query parameters", .required = false})
                                 .field("timeout", &Defaults::timeout, {.summary = "for one request"})
                                 .field("max_answer", &Defaults::max_answer, spec::size(1024),
                                        {.summary = "greatest size of an answer; default: 32MB"})
                                 .type();
    return type;
}

const spec::Type<Definition>& describe(spec::Tag<Definition>) {
    static const auto written = [] {
        spec::Object<WrittenDefinition<Definition>> object("definition", "how to talk to a system");
        add_definition_fields(object);
        return object.type();
    }();
    static const auto type =
        spec::settled<Definition>(written, [](auto& value, const spec::Yaml& yaml) { settle(value, yaml); });
    return type;
}

}  // namespace tributary::connector
