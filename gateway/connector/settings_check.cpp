#include "gateway/connector/settings_check.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "gateway/base/duration.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/url.hpp"

namespace tributary::connector {
namespace {

using Type = SettingDescription::Type;

std::optional<std::string> objection(const SettingDescription& setting, const spec::Yaml& yaml) {
    if (setting.type == Type::any) return std::nullopt;
    if (setting.type == Type::list)
        return yaml.is_sequence() ? std::nullopt : std::optional<std::string>("must be a list");
    if (!yaml.is_scalar()) return "must be a single value";
    if (yaml.text().contains("${")) return std::nullopt;  // known once it is resolved
    switch (setting.type) {
        case Type::integer:
            if (!yaml.integer() && !to_integer(yaml.text())) return "must be a whole number";
            break;
        case Type::boolean:
            if (!yaml.boolean()) return "must be true or false";
            break;
        case Type::duration:
            if (!parse_duration(yaml.text())) return "must be a duration such as 30s or 5m";
            break;
        case Type::size:
            if (!parse_size(yaml.text())) return "must be a size such as 64KB or 1MB";
            break;
        case Type::url:
            if (auto url = parse_url(yaml.text()); !url) return url.error().what;
            break;
        default:
            break;
    }
    if (!setting.pattern.empty() && !RE2::FullMatch(yaml.text(), setting.pattern))
        return fmt::format("must match {}", setting.pattern);
    if (!setting.one_of.empty() && !std::ranges::count(setting.one_of, yaml.text()))
        return fmt::format("must be one of {}", join(setting.one_of, ", "));
    return std::nullopt;
}

}  // namespace

void check_settings(const Description& about, const spec::Yaml* settings, const spec::Place& here,
                    spec::Problems& problems) {
    if (settings && !settings->is_map() && !settings->is_null()) {
        problems.add(settings->place(), "settings must be a map");
        return;
    }
    std::vector<std::string> known;
    for (const auto& setting : about.settings) known.push_back(setting.name);
    if (settings) {
        for (const auto& child : settings->children()) {
            const auto found = std::ranges::find(about.settings, child.key(), &SettingDescription::name);
            if (found == about.settings.end()) {
                const auto near = nearest(child.key(), known);
                problems.add(child.key_place(),
                             fmt::format("connector {} has no setting '{}'; {}", about.name, child.key(),
                                         near            ? "did you mean '" + *near + "'?"
                                         : known.empty() ? "it has none"
                                                         : "it has " + join(known, ", ")));
            } else if (auto wrong = objection(*found, child)) {
                problems.add(child.place(), fmt::format("setting '{}' {}", child.key(), *wrong));
            }
        }
    }
    for (const auto& setting : about.settings) {
        if (!setting.required || (settings && settings->find(setting.name))) continue;
        problems.add(settings && settings->is_map() ? settings->place() : here,
                     fmt::format("connector {} needs the setting '{}'{}", about.name, setting.name,
                                 setting.description.empty() ? "" : ": " + setting.description));
    }
}

value::Document with_defaults(const Description& about, value::Node settings) {
    value::Builder out;
    out.begin_object();
    for (const auto member : settings) out.key(member.key()).copy(member);
    for (const auto& setting : about.settings)
        if (!setting.fallback.empty() && settings.find(setting.name).is(value::Kind::missing))
            out.key(setting.name).copy(setting.fallback.root());
    out.end();
    return out.take();
}

}  // namespace tributary::connector
