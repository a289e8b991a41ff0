// access of gateway.yaml.
#include "gateway/app/config_spec.hpp"

namespace tributary::app {

namespace {

const spec::Type<ReadingConfig>& reading_type() {
    using R = ReadingConfig;
    static const auto purpose = spec::placed(spec::text(spec::path_name_rule()));
    static const spec::TextRule role{
        .name = "role",
        .expected = "a role, such as privacy_officer or analyst",
        .pattern = "^(admin|operator|analyst|auditor|privacy_officer)$",
        .holds = [](std::string_view name) { return access::role_named(name).has_value(); }};
    static const auto type =
        spec::Object<R>("reading", "for which purposes of purposes.yaml personal values may be read")
            .field("standard", &R::standard, purpose,
                   {.summary = "what a reading is for that declares nothing; without it the purpose has to be declared",
                    .required = false,
                    .example = "service.support"})
            .field("users", &R::users, spec::list_of(purpose),
                   {.summary = "what users and the local operator may declare; none means every purpose",
                    .fallback = "[]",
                    .example = "[service.support, legal.privacy_request]"})
            .field("tokens", &R::tokens, spec::list_of(purpose),
                   {.summary = "what API tokens may declare; none means every purpose", .fallback = "[]"})
            .field("roles", &R::roles, spec::map_of(spec::list_of(purpose), role),
                   {.summary = "what users may declare by what their role lets them see; a role that is not named here "
                               "has `users`",
                    .fallback = "{}",
                    .example = "{ privacy_officer: [legal.privacy_request] }"})
            .type();
    return type;
}

}  // namespace

access::ReadingRules ReadingConfig::rules() const {
    const auto names = [](const std::vector<spec::Placed<std::string>>& purposes) {
        std::vector<std::string> out;
        for (const auto& purpose : purposes) out.push_back(purpose.value);
        return out;
    };
    access::ReadingRules out{.roles = {}, .users = names(users), .tokens = names(tokens)};
    for (const auto& [role, purposes] : roles) out.roles.emplace(access::role_named(role).value(), names(purposes));
    return out;
}

const spec::Type<AccessConfig>& describe(spec::Tag<AccessConfig>) {
    using A = AccessConfig;
    using std::chrono::minutes;
    static const auto metrics = spec::choice<bool>("metrics_access", {{"open", true}, {"permission", false}});
    static const auto type =
        spec::Object<A>("access", "sessions of users, and who reads metrics")
            .field("session_idle", &A::session_idle, spec::duration(minutes{1}),
                   {.summary = "a session ends when nothing was asked for so long", .fallback = "30m"})
            .field("session_longest", &A::session_longest, spec::duration(minutes{5}),
                   {.summary = "and after this time in any case", .fallback = "12h"})
            .field("requests_per_second", &A::requests_per_second, spec::integer<std::uint32_t>(1, 100'000),
                   {.summary = "of each user and API token; ten seconds' worth may come at once", .fallback = "50"})
            .field("requests_per_day", &A::requests_per_day, spec::integer<std::uint64_t>(1, 1'000'000'000),
                   {.summary = "of each user and API token, from midnight UTC on", .fallback = "500000"})
            .field("metrics", &A::open_metrics, metrics,
                   {.summary = "open: whoever reaches the admin face reads /metrics; permission: a bearer token with "
                               "metrics.read is needed",
                    .fallback = "open"})
            .field("breached_passwords", &A::breached_passwords, path_type(),
                   {.summary = "a file of SHA-1 digests of passwords that became known, a line each as HASH:count, in "
                               "order of the hash: what is in it is refused",
                    .required = false,
                    .example = "/var/lib/pwned-passwords-sha1-ordered-by-hash.txt"})
            .field("reading", &A::reading, reading_type(),
                   {.summary = "what personal values are read for", .fallback = "{}"})
            .type();
    return type;
}

}  // namespace tributary::app
