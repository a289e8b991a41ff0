#include "gateway/connector/capabilities.hpp"

#include <algorithm>

#include "gateway/spec/container.hpp"

namespace tributary::connector {

bool Capability::takes(PersonFact fact) const {
    return std::ranges::any_of(record, [fact](const auto& field) { return field.second == fact; });
}

const Capabilities* capabilities_of(const Connector& connector) {
    const auto* capable = dynamic_cast<const Capable*>(&connector);
    return capable ? &capable->capabilities() : nullptr;
}

const spec::Type<Capability>& describe(spec::Tag<Capability>) {
    static const auto fact =
        spec::choice<PersonFact>("person_fact", {{"email", PersonFact::email, "an address, normalised"},
                                                 {"phone", PersonFact::phone, "a number in E.164"},
                                                 {"purpose", PersonFact::purpose, "the purpose that ended"},
                                                 {"state", PersonFact::state, "withdrawn"},
                                                 {"customer", PersonFact::customer, "our own id of the customer"}});
    static const auto channel = spec::one_of(
        "told_channel", {{"email"}, {"sms"}, {"phone"}, {"post"}, {"push"}, {"chat"}, {"social"}, {"any"}});
    static const auto channel_text =
        spec::Type<std::string>(channel.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) {
            return channel.parse(yaml, problems) ? std::optional(yaml.text()) : std::nullopt;
        });
    static const auto type =
        spec::Object<Capability>("capability", "something the system can be told about a person")
            .field("action", &Capability::action, spec::text(spec::name_rule()),
                   {.summary = "the action that tells it"})
            .field("remove", &Capability::remove,
                   {.summary = "what the action's `remove` does, by remote id", .fallback = "false"})
            .field("record", &Capability::record, spec::map_of(fact),
                   {.summary = "the fields that the action reads, and what stands in them", .fallback = "{}"})
            .field("channel", &Capability::channel, channel_text,
                   {.summary = "the channel that unsubscribing ends", .fallback = "any"})
            .example("action: unsubscribe\nrecord: { email_address: email }\nchannel: email\n")
            .type();
    return type;
}

const spec::Type<Capabilities>& describe(spec::Tag<Capabilities>) {
    using C = Capabilities;
    static const auto type =
        spec::Object<C>("capabilities", "what the system can be told about a person; the rest is done by hand")
            .field("unsubscribe", &C::unsubscribe, {.summary = "no more marketing over a channel"})
            .field("set_consent", &C::set_consent, {.summary = "what a person agreed to, by purpose"})
            .field("delete", &C::remove, {.summary = "the person is gone over there, for good"})
            .field("redact", &C::redact, {.summary = "what names the person is gone over there"})
            .field("export", &C::export_data, {.summary = "what is known of the person over there"})
            .type();
    return type;
}

}  // namespace tributary::connector
