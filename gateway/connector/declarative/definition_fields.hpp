// The fields that a connector.yaml and an inline definition share.
#pragma once

#include "gateway/connector/declarative/definition.hpp"

namespace tributary::connector {

template <class Base>
struct WrittenDefinition : Base {
    std::vector<ThrottleHint> throttle;
    std::vector<ErrorRule> error_rules;
};

template <class T>
void add_definition_fields(spec::Object<T>& object) {
    object
        .field("base_url", &Definition::base_url, {.summary = "what request paths are appended to", .required = false})
        .field("allowed_hosts", &Definition::allowed_hosts,
               {.summary = "hosts that may see the credentials; default: the host of base_url", .required = false})
        .field(
            "public_hosts", &Definition::public_hosts,
            {.summary = "hosts of links that are followed without credentials (anonymous requests)", .required = false})
        .field("auth", &Definition::auth,
               {.summary = "how the connector proves who it is; a list combines several", .required = false})
        .field("rate_budget", &Definition::budget, {.summary = "how many calls one credential may make"})
        .field("throttle", &T::throttle,
               {.summary = "where a throttled answer says how long to wait", .required = false})
        .field("errors", &T::error_rules,
               {.summary = "what answers mean; the first rule that holds counts", .required = false})
        .field("answer", &Definition::answer, {.summary = "how answers are read", .required = false})
        .field("defaults", &Definition::defaults, {.summary = "what every request carries", .required = false})
        .field("check", &Definition::check, {.summary = "one cheap call that proves address and credentials"})
        .field("streams", &Definition::streams, {.summary = "what can be read", .required = false})
        .field("actions", &Definition::actions, {.summary = "what can be written", .required = false})
        .field("capabilities", &Definition::capabilities,
               {.summary = "what the system can be told about a person, and by which action", .required = false})
        .field("webhooks", &Definition::webhooks, {.summary = "what the system sends on its own"});
}

// After reading: puts what was written where the engine looks for it.
template <class Base>
void settle(WrittenDefinition<Base>& written, const spec::Yaml& yaml) {
    written.errors = {std::move(written.error_rules), std::move(written.throttle)};
    written.place = yaml.place();
}

}  // namespace tributary::connector
