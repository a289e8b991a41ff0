// connections of gateway.yaml.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/app/config_spec.hpp"

namespace tributary::app {
namespace {

spec::Type<net::Network> network_type() {
    spec::TextRule rule{.name = "network", .expected = "a network such as 10.0.0.0/8 or fd00::/8"};
    return spec::from_text<net::Network>(rule, net::Network::parse);
}

// One secret for all fields, or a map of fields.
spec::Type<CredentialsConfig> credentials_type() {
    auto fields = spec::map_of(spec::secret(), spec::name_rule());
    auto whole = spec::secret();
    auto full = spec::Type<CredentialsConfig>(
        fields.shape_pointer(),
        [fields](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<CredentialsConfig> {
            auto map = fields.parse(yaml, problems);
            if (!map) return std::nullopt;
            return CredentialsConfig{.secret = {}, .fields = std::move(*map)};
        });
    auto brief = spec::Type<CredentialsConfig>(
        whole.shape_pointer(),
        [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<CredentialsConfig> {
            auto made = yaml.resolved() ? std::optional<spec::Template>() : spec::parse_template(yaml, problems);
            const auto* reference = made ? made->sole() : nullptr;
            if (reference && reference->scheme == spec::Reference::Scheme::secret && reference->field.empty())
                return CredentialsConfig{.secret = *reference, .fields = {}};
            problems.add(yaml.place(), "expected ${secret:name} for the whole secret, or a map of its fields");
            return std::nullopt;
        });
    return spec::with_short_form(full, spec::Yaml::Kind::scalar, brief,
                                 [](CredentialsConfig credentials) { return credentials; });
}

const spec::Type<WebhooksConfig>& webhooks_type() {
    using W = WebhooksConfig;
    static const auto type =
        spec::Object<W>("webhooks", "what a connection receives")
            .field("topics", &W::topics,
                   {.summary = "kinds of events; none means all that the connector knows",
                    .fallback = "[]",
                    .example = "[orders/create, customers/update]"})
            .field(
                "allow_from", &W::allow_from, networks_type(),
                {.summary = "networks that may send; none means all", .fallback = "[]", .example = "[203.0.113.0/24]"})
            .field("subscribe", &W::subscribe,
                   {.summary = "keep the system's subscriptions: made, renewed and put right every hour",
                    .fallback = "false"})
            .field("from_browser", &W::from_browser,
                   {.summary = "the browsers of the people send these requests (a form), no server does: then "
                               "Sec-GPC: 1 is their objection to passing data on and to profiling",
                    .fallback = "false"})
            .place(&W::place)
            .type();
    return type;
}

const spec::Type<NetworkConfig>& network_config_type() {
    using N = NetworkConfig;
    using std::chrono::minutes;
    static const auto type =
        spec::Object<N>("network", "how a connection reaches its system")
            .field("allow", &N::allow, networks_type(),
                   {.summary = "private networks that it may reach; all others are refused",
                    .fallback = "[]",
                    .example = "[10.1.0.0/16]"})
            .field("ports", &N::ports, spec::list_of(spec::integer<std::uint16_t>(1, 65535)),
                   {.summary = "ports besides 80, 443 and 8000 to 8999", .fallback = "[]"})
            .field("connect_timeout", &N::connect_timeout, spec::duration(Milliseconds{100}, minutes{5}),
                   {.summary = "until a connection stands", .fallback = "5s"})
            .field("timeout", &N::timeout, spec::duration(Milliseconds{100}, minutes{60}),
                   {.summary = "until an answer is complete", .fallback = "30s"})
            .field(
                "ca_file", &N::ca_file, path_type(),
                {.summary = "certificates (PEM) to trust instead of the system's", .required = false, .advanced = true})
            .field("certificate", &N::certificate, path_type(),
                   {.summary = "our certificate (PEM), for a system that demands one",
                    .required = false,
                    .advanced = true})
            .field("key", &N::key, path_type(), {.summary = "its private key", .required = false, .advanced = true})
            .type();
    return type;
}

spec::Object<StreamConfig> stream_object() {
    using S = StreamConfig;
    return spec::Object<S>("stream", "one kind of record that is read from a connection")
        .field("mapping", &S::mapping, spec::placed(spec::text(spec::path_name_rule())),
               {.summary = "turns its records into canonical ones", .example = "shopify/order"})
        .field("schedule", &S::cron, spec::placed(spec::text({.name = "cron"})),
               {.summary =
                    "when it is read, as a cron expression in quotes; without it only by webhooks and by `sync run`",
                .example = "\"*/15 * * * *\""})
        .field("time_zone", &S::time_zone, spec::text({.name = "time zone"}),
               {.summary = "of the schedule", .fallback = "UTC", .example = "Europe/Berlin"})
        .field("full_refresh", &S::full_refresh,
               {.summary = "every run reads everything; unchanged records cost no delivery", .fallback = "false"})
        .field("purposes", &S::purposes, spec::list_of(spec::placed(spec::text(spec::path_name_rule()))),
               {.summary = "what its records are kept for: personal fields of people for whom none of these is allowed "
                           "are left out; none means that all are kept",
                .fallback = "[]",
                .example = "[service.order, legal.tax]"})
        .field("pause", &S::pause, {.summary = "neither read nor accepted", .fallback = "false"})
        .place(&S::place)
        .example("mapping: shopify/customer\nschedule: \"*/15 * * * *\"\ntime_zone: Europe/Berlin\n");
}

// A stream with its schedule compiled.
const spec::Type<StreamConfig>& stream_type() {
    static const auto written = stream_object().type();
    static const spec::Type<StreamConfig> type(
        written.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<StreamConfig> {
            auto stream = written.parse(yaml, problems);
            if (!stream) return std::nullopt;
            const auto* zone = yaml.find("time_zone");
            auto schedule = run::Schedule::parse(stream->cron ? stream->cron->value : "@daily", stream->time_zone);
            if (!schedule) {
                bool of_zone = zone && !run::Schedule::parse("@daily", stream->time_zone);
                problems.add(of_zone ? zone->place() : stream->cron->place, schedule.error().what);
                return std::nullopt;
            }
            if (stream->cron) stream->schedule = *schedule;
            return stream;
        });
    return type;
}

enum class Role { processor, controller };

struct WrittenConnection : ConnectionConfig {
    Role role = Role::processor;
};

}  // namespace

spec::Type<std::vector<net::Network>> networks_type() {
    return spec::one_or_many(network_type());
}

const spec::Type<ConnectionConfig>& describe(spec::Tag<ConnectionConfig>) {
    using C = WrittenConnection;
    static const auto role =
        spec::choice<Role>("role", {{"processor", Role::processor, "works for us"},
                                    {"controller", Role::controller, "uses the data for its own ends"}});
    static const auto written =
        spec::Object<C>("connection", "a configured instance of a connector")
            .field("connector", &C::connector, spec::placed(spec::text(spec::name_rule())),
                   {.summary = "its kind; `tributary connector list` shows all", .example = "shopify"})
            .field("settings", &C::settings,
                   {.summary = "as the connector declares them; `tributary connector show` lists them",
                    .example = "{ shop: acme-eu }"})
            .field("credentials", &C::credentials, credentials_type(),
                   {.summary = "one secret, or each field by itself; never a literal",
                    .required = false,
                    .example = "${secret:webshop}"})
            .field("network", &C::network, network_config_type(), {.summary = "how it is reached", .fallback = "{}"})
            .field("webhooks", &C::webhooks, webhooks_type(),
                   {.summary = "what it receives; without it no webhook is taken"})
            .field("streams", &C::streams, spec::ordered_map_of(stream_type(), spec::path_name_rule()),
                   {.summary = "what is read from it", .fallback = "{}"})
            .field("role", &C::role, role,
                   {.summary = "what the system is under data protection law; a controller gets data only by consent",
                    .fallback = "processor"})
            .field("trusted_contact_points", &C::trusted_contact_points,
                   {.summary = "its e-mail addresses and phones are verified and may identify a customer",
                    .fallback = "false"})
            .field("customer_number_space", &C::customer_number_space,
                   {.summary = "connections that name the same space share customer numbers, which then identify a "
                               "customer; left out, its numbers identify nobody",
                    .fallback = "\"\""})
            .field("pause", &C::pause,
                   {.summary = "nothing is read, accepted or delivered; what is queued waits", .fallback = "false"})
            .place(&C::place)
            .example(
                "connector: shopify\nsettings: { shop: acme-eu }\ncredentials: ${secret:webshop}\nwebhooks: { topics: "
                "[orders/create] }\n"
                "streams:\n  orders: { mapping: shopify/order, schedule: \"*/15 * * * *\" }\n")
            .type();
    static const spec::Type<ConnectionConfig> type(
        written.shape_pointer(),
        [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<ConnectionConfig> {
            auto connection = written.parse(yaml, problems);
            if (!connection) return std::nullopt;
            connection->name = yaml.key();
            connection->processor = connection->role == Role::processor;
            return std::move(*connection);
        });
    return type;
}

}  // namespace tributary::app
