#include "gateway/app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "gateway/app/config_spec.hpp"
#include "gateway/app/loaded_parts.hpp"
#include "gateway/base/text.hpp"

namespace tributary::app {
namespace {

const spec::Type<LogLevel>& level_type() {
    static const auto type = spec::choice<LogLevel>("level", {{"debug", LogLevel::debug},
                                                              {"info", LogLevel::info},
                                                              {"warn", LogLevel::warn},
                                                              {"error", LogLevel::error},
                                                              {"off", LogLevel::off}});
    return type;
}

struct Logs {
    LogLevel level = LogLevel::info;
};

struct Identity {
    identity::Survivorship survivorship;
};

spec::Type<Logs> logs_type() {
    return spec::Object<Logs>("logs", "JSON lines on standard error, without personal values")
        .field("level", &Logs::level, level_type(), {.summary = "the least that is written", .fallback = "info"})
        .type();
}

// The rules themselves, or the file that holds them, relative to the one that names it.
std::optional<identity::Survivorship> parse_survivorship(const spec::Yaml& yaml, spec::Problems& problems) {
    auto before = problems.errors();
    std::optional<spec::Yaml> rules = yaml;
    if (yaml.is_scalar())
        rules = spec::read_yaml((std::filesystem::path(yaml.file()).parent_path() / yaml.text()).string(), problems);
    if (!rules) return std::nullopt;
    auto parsed = identity::parse_survivorship(*rules, problems);
    if (problems.errors() != before) return std::nullopt;
    return parsed;
}

spec::Type<Identity> identity_type() {
    spec::Shape shape{.kind = spec::Shape::Kind::anything, .name = "path or survivorship rules"};
    return spec::Object<Identity>("identity", "how records become one customer")
        .field("survivorship", &Identity::survivorship,
               spec::Type<identity::Survivorship>(std::move(shape), parse_survivorship),
               {.summary = "which source a field of the golden view comes from: the rules, or the file that holds them",
                .required = false,
                .example = "{ sources: [erp, webshop] }"})
        .type();
}

spec::Type<ServiceConfig> service_type() {
    return spec::Object<ServiceConfig>("service", "which messages of customers become cases of a service desk")
        .field("rules", &ServiceConfig::rules, path_type(),
               {.summary = "the rule file; else service_rules.yaml beside this file, then the installation's",
                .required = false,
                .example = "service_rules.yaml"})
        .example("{ rules: service_rules.yaml }")
        .type();
}

// As Config, with the parts that are only shells in the file.
struct Written : Config {
    Logs logs;
    Identity identity;
};

// Names that point at other places of the same file.
void check_names(const Written& config, const spec::Yaml& yaml, spec::Problems& problems) {
    if (config.service &&
        std::ranges::none_of(config.deliveries, [](const auto& one) { return *one.entity == "case"; }))
        problems.warn(yaml.find("service")->key_place(),
                      "no delivery carries the entity case: nobody hears of the cases");
    std::vector<std::string> connections;
    std::set<std::string> names;
    for (const auto& connection : config.connections) {
        connections.push_back(connection.name);
        if (connection.webhooks && config.gateway.public_url.empty())
            problems.warn(connection.webhooks->place,
                          "gateway.public_url is missing: senders that sign over the URL cannot be verified");
    }
    const auto known = [&](const spec::Placed<std::string>& name) {
        if (std::ranges::find(connections, *name) != connections.end()) return;
        const auto close = nearest(*name, connections);
        problems.add(name.place, fmt::format("there is no connection '{}'{}", *name,
                                             close ? "; did you mean " + *close + "?" : ""));
    };
    if (config.watch.mail) known(config.watch.mail->connection);
    std::set<std::string> reports;
    for (const auto& report : config.reports) {
        if (report.mail) known(report.mail->connection);
        if (!reports.insert(report.name).second)
            problems.add(report.cron.place, fmt::format("another report has the name '{}'", report.name));
    }
    for (const auto& delivery : config.deliveries) {
        if (!names.insert(*delivery.name).second) problems.add(delivery.name.place, "another delivery has this name");
        if (std::ranges::find(connections, *delivery.to) != connections.end()) continue;
        auto near = nearest(*delivery.to, connections);
        problems.add(delivery.to.place, fmt::format("there is no connection '{}'{}", *delivery.to,
                                                    near ? "; did you mean " + *near + "?" : ""));
    }
}

const spec::Type<Written>& written_type() {
    using W = Written;
    static const auto type =
        spec::Object<W>("gateway_file", "the whole of gateway.yaml; only `gateway` is required")
            .field("gateway", &W::gateway, {.summary = "who this gateway is"})
            .field("listen", &W::listen, {.summary = "where it listens", .fallback = "{}"})
            .field("store", &W::store, {.summary = "where state is kept", .fallback = "{ type: sqlite }"})
            .field("vault", &W::vault, {.summary = "keys and credentials", .fallback = "{}"})
            .field("connections", &W::connections,
                   spec::Type<std::vector<ConnectionConfig>>(
                       spec::map_of(spec::type_of<ConnectionConfig>(), spec::name_rule()).shape_pointer(),
                       [](const spec::Yaml& yaml,
                          spec::Problems& problems) -> std::optional<std::vector<ConnectionConfig>> {
                           auto named = spec::ordered_map_of(spec::type_of<ConnectionConfig>(), spec::name_rule())
                                            .parse(yaml, problems);
                           if (!named) return std::nullopt;
                           std::vector<ConnectionConfig> all;
                           for (auto& entry : *named) all.push_back(std::move(entry.value));
                           return all;
                       }),
                   {.summary = "the systems it speaks to, by a name of your choice", .fallback = "{}"})
            .field("deliveries", &W::deliveries, {.summary = "what is carried where", .fallback = "[]"})
            .field("identity", &W::identity, identity_type(),
                   {.summary = "how records become one customer", .fallback = "{}"})
            .field("service", &W::service, service_type(),
                   {.summary = "messages of customers become cases; left out, they do not", .example = "{}"})
            .field("paths", &W::paths, {.summary = "folders and files", .fallback = "{}"})
            .field("limits", &W::limits, {.summary = "what it takes at most", .fallback = "{}"})
            .field("retention", &W::retention, {.summary = "how long it remembers", .fallback = "{}"})
            .field("audit", &W::audit, {.summary = "the audit trail", .fallback = "{}"})
            .field("watch", &W::watch, {.summary = "alerts on what is unusual", .fallback = "{}"})
            .field("reports", &W::reports, {.summary = "written by themselves", .fallback = "[]"})
            .field("backup", &W::backup, {.summary = "where backups go, and how often; left out, there are none"})
            .field("access", &W::access, {.summary = "sessions of users, and who reads metrics", .fallback = "{}"})
            .field("analytics", &W::analytics, {.summary = "exports for reports, without names", .fallback = "{}"})
            .field("threads", &W::threads, {.summary = "how many threads work", .fallback = "{}", .advanced = true})
            .field("logs", &W::logs, logs_type(), {.summary = "what it writes", .fallback = "{}"})
            .check(check_names)
            .example(
                "gateway: { name: acme, public_url: https://hooks.acme.example }\nstore: { type: sqlite, path: "
                "data/tributary.db }\n"
                "connections:\n  webshop:\n    connector: shopify\n    settings: { shop: acme-eu }\n    credentials: "
                "${secret:webshop}\n"
                "    webhooks: { topics: [orders/create] }\n    streams:\n      orders: { mapping: shopify/order, "
                "schedule: \"*/15 * * * *\" }\n"
                "  erp: { connector: odoo }\ndeliveries:\n  - { name: erp-customers, to: erp, entity: contact, action: "
                "upsert_partner, purpose: service.order }\n")
            .type();
    return type;
}

}  // namespace

const ConnectionConfig* Config::connection(std::string_view name) const {
    auto found = std::ranges::find(connections, name, &ConnectionConfig::name);
    return found == connections.end() ? nullptr : &*found;
}

const DeliveryConfig* Config::delivery(std::string_view name) const {
    auto found =
        std::ranges::find_if(deliveries, [name](const DeliveryConfig& delivery) { return *delivery.name == name; });
    return found == deliveries.end() ? nullptr : &*found;
}

const spec::Type<Config>& describe(spec::Tag<Config>) {
    static const spec::Type<Config> type(written_type().shape_pointer(),
                                         [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<Config> {
                                             auto written = written_type().parse(yaml, problems);
                                             if (!written) return std::nullopt;
                                             written->log_level = written->logs.level;
                                             written->survivorship = std::move(written->identity.survivorship);
                                             written->sections = section_parts(yaml);
                                             return std::move(*written);
                                         });
    return type;
}

std::optional<Config> load_config(const std::filesystem::path& file, const std::filesystem::path& share,
                                  const spec::Resolver& environment, spec::Problems& problems) {
    auto before = problems.errors();
    auto config = spec::load<Config>(file.string(), problems, &environment);
    if (config) {
        config->file = std::filesystem::absolute(file).lexically_normal();
        locate(*config, share, problems);
    }
    if (problems.errors() != before) return std::nullopt;
    return config;
}

Result<std::string> Environment::resolve(const spec::Reference& reference) const {
    if (reference.scheme != spec::Reference::Scheme::env)
        return fail(Fault::not_found, "secrets are read by the vault");
    const char* value = std::getenv(reference.name.c_str());
    if (!value) return fail(Fault::not_found, "the environment variable is not set");
    return std::string(value);
}

}  // namespace tributary::app
