// connector.yaml as a whole: what it tells people, its settings and credentials, and its definition.
#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/condition.hpp"
#include "gateway/connector/declarative/definition_fields.hpp"
#include "gateway/connector/native/native_file.hpp"
#include "gateway/spec/settled.hpp"

namespace tributary::connector {
namespace {

using Type = SettingDescription::Type;

struct WrittenSetting : SettingDescription {
    spec::Yaml fallback_yaml;
};

spec::Type<std::vector<spec::Named<SettingDescription>>> settings_type() {
    static const auto kind = spec::choice<Type>("setting_type", {{"text", Type::text},
                                                                 {"string", Type::text},
                                                                 {"integer", Type::integer},
                                                                 {"boolean", Type::boolean},
                                                                 {"duration", Type::duration},
                                                                 {"size", Type::size},
                                                                 {"path", Type::path},
                                                                 {"url", Type::url},
                                                                 {"list", Type::list},
                                                                 {"any", Type::any}});
    static const auto written =
        spec::Object<WrittenSetting>("setting", "something the operator sets for a connection")
            .field("type", &WrittenSetting::type, kind, {.summary = "of its value", .fallback = "text"})
            .field("required", &WrittenSetting::required,
                   {.summary = "default: true unless it has a default", .required = false})
            .field("pattern", &WrittenSetting::pattern, spec::text(regex_rule()),
                   {.summary = "the whole value matches this", .required = false})
            .field("one_of", &WrittenSetting::one_of, {.summary = "the values it may have", .required = false})
            .field("default", &WrittenSetting::fallback_yaml,
                   {.summary = "its value when it is not set", .required = false})
            .field("description", &WrittenSetting::description, {.summary = "for people", .required = false})
            .type();
    static const auto setting = spec::settled<SettingDescription>(written, [](auto& value, const spec::Yaml& yaml) {
        if (!value.fallback_yaml.is_null()) value.fallback = spec::to_document(value.fallback_yaml);
        if (!yaml.find("required")) value.required = !yaml.find("default");
    });
    return spec::ordered_map_of(setting, spec::name_rule());
}

spec::Type<std::vector<spec::Named<CredentialDescription>>> credentials_type() {
    static const auto credential =
        spec::Object<CredentialDescription>("credential", "a field of the connection's secret")
            .field("secret", &CredentialDescription::secret, {.summary = "never shown", .fallback = "true"})
            .field("required", &CredentialDescription::required, {.summary = "must be there", .fallback = "true"})
            .field("description", &CredentialDescription::description, {.summary = "for people", .required = false})
            .type();
    return spec::ordered_map_of(credential, spec::name_rule());
}

struct Facts {
    std::vector<std::string> sources, unverified;
};

spec::Type<Facts> facts_type() {
    static const auto type =
        spec::Object<Facts>("facts", "where what it says comes from")
            .field("sources", &Facts::sources, {.summary = "what was read or run", .required = false})
            .field("unverified", &Facts::unverified, {.summary = "what nobody has seen yet", .required = false})
            .type();
    return type;
}

enum class Engine { declarative, built_in, native };

struct Written : WrittenDefinition<NativeFile> {
    Engine engine = Engine::declarative;
    std::string name, title, family;
    Verified verified = Verified::written;
    Facts facts;
    std::vector<spec::Named<SettingDescription>> settings;
    std::vector<spec::Named<CredentialDescription>> credentials;
    bool open_streams = false, open_actions = false, open_credentials = false;
};

Description describe_file(const Written& file, const spec::Yaml& yaml) {
    Description out{.name = file.name,
                    .title = file.title,
                    .family = file.family,
                    .verified = file.verified,
                    .sources = file.facts.sources,
                    .unverified = file.facts.unverified,
                    .file = yaml.file(),
                    .built_in = file.engine == Engine::built_in};
    for (auto [name, setting] : file.settings) setting.name = name, out.settings.push_back(std::move(setting));
    for (auto [name, credential] : file.credentials)
        credential.name = name, out.credentials.push_back(std::move(credential));
    for (const auto& [name, stream] : file.streams)
        out.streams.push_back(
            {name, stream.description, stream.cursor.has_value(), stream.fetch.has_value(), stream.key.written});
    for (const auto& [name, action] : file.actions) {
        ActionDescription shown{
            name, action.description, action.idempotency, action.batch ? action.batch->size : 1, {}};
        for (const auto& [field, meaning] : action.record) shown.record.emplace_back(field, meaning);
        out.actions.push_back(std::move(shown));
    }
    if (file.webhooks)
        for (const auto& [topic, rules] : file.webhooks->topics) {
            out.topics.push_back(topic);
            for (const auto& rule : rules)
                if (!rule.stream.empty() && !out.stream(rule.stream) &&
                    !std::ranges::count(out.webhook_streams, rule.stream))
                    out.webhook_streams.push_back(rule.stream);
        }
    out.subscribes = !file.definition_from.empty() || (file.webhooks && file.webhooks->subscriptions);
    out.has_hook = file.webhooks.has_value() || !file.definition_from.empty();
    out.open_streams = file.open_streams;
    out.open_credentials = file.open_credentials || !file.definition_from.empty();
    out.open_actions = file.open_actions;
    return out;
}

spec::Object<Written> object() {
    static const auto engine =
        spec::choice<Engine>("engine", {{"declarative", Engine::declarative, "this file says it all"},
                                        {"built_in", Engine::built_in, "C++ of that name"},
                                        {"native", Engine::native, "a shared library, see `native`"}});
    static const auto verified = spec::choice<Verified>(
        "verified", {{"live", Verified::live, "run against the real system"},
                     {"recorded", Verified::recorded, "against recorded answers or the vendor's vectors"},
                     {"written", Verified::written, "from documentation alone"}});
    static const auto family =
        spec::one_of("family", {{"erp"}, {"ecommerce"}, {"social"}, {"email"}, {"crm"}, {"data"}, {"generic"}});
    static const auto family_text =
        spec::Type<std::string>(family.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) {
            return family.parse(yaml, problems) ? std::optional(yaml.text()) : std::nullopt;
        });
    spec::Object<Written> out("connector", "a connector.yaml");
    out.field("connector", &Written::name, spec::text(spec::name_rule()), {.summary = "its name, as its folder"})
        .field("title", &Written::title, {.summary = "what people call the system"})
        .field("family", &Written::family, family_text, {.summary = "its folder's folder"})
        .field("verified", &Written::verified, verified,
               {.summary = "how its facts were checked", .fallback = "written"})
        .field("engine", &Written::engine, engine, {.summary = "what runs it", .fallback = "declarative"})
        .field("native", &Written::native, {.summary = "the shared library of `engine: native`"})
        .field("facts", &Written::facts, facts_type(), {.summary = "where what it says comes from", .required = false})
        .field("settings", &Written::settings, settings_type(),
               {.summary = "what the operator sets", .required = false})
        .field("credentials", &Written::credentials, credentials_type(),
               {.summary = "fields of the connection's secret", .required = false})
        .field("open_streams", &Written::open_streams,
               {.summary = "its streams come from the settings", .required = false})
        .field("open_actions", &Written::open_actions,
               {.summary = "its actions come from the settings", .required = false})
        .field("open_credentials", &Written::open_credentials,
               {.summary = "the settings name the fields of its secret", .required = false})
        .field("definition_from", &Written::definition_from,
               {.summary = "the setting that holds the rest of the definition", .required = false});
    out.check([](const Written& file, const spec::Yaml& yaml, spec::Problems& problems) {
        if ((file.engine == Engine::native) != file.native.has_value())
            problems.add(yaml.place(), "`engine: native` and `native` go together");
    });
    add_definition_fields(out);
    return out;
}

// Both types below are read by the same fields.
template <class T>
spec::Type<T> file_type() {
    return spec::settled<T>(object().type(), [](auto& file, const spec::Yaml& yaml) {
        settle(file, yaml);
        file.built_in = file.engine == Engine::built_in;
        file.about = describe_file(file, yaml);
    });
}

}  // namespace

const spec::Type<ConnectorFile>& describe(spec::Tag<ConnectorFile>) {
    static const auto type = file_type<ConnectorFile>();
    return type;
}

const spec::Type<NativeFile>& describe(spec::Tag<NativeFile>) {
    static const auto type = file_type<NativeFile>();
    return type;
}

}  // namespace tributary::connector
