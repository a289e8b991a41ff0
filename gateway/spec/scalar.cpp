#include "gateway/spec/scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gateway/base/ascii.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/base/text.hpp"

namespace tributary::spec {
namespace {

// What stands there, for a message: short, and never the value of a reference.
std::string found(const Yaml& yaml) {
    if (!yaml.is_scalar()) return std::string(name_of(yaml.kind()));
    if (yaml.resolved()) return "the value of an environment variable";
    if (yaml.text().size() > 40) return "a text of " + std::to_string(yaml.text().size()) + " bytes";
    return "'" + yaml.text() + "'";
}

void expected(const Yaml& yaml, std::string_view what, Problems& problems) {
    bool brace = yaml.is_map() && yaml.size() == 1 && yaml.children().front().is_null();
    problems.add(yaml.place(), fmt::format("expected {}, found {}{}", what, found(yaml),
                                           brace ? "; a text that begins with { needs quotes" : ""));
}

// Lower-case words with one of `joints` between them.
bool is_joined_words(std::string_view text, std::string_view joints) {
    bool after_joint = true;
    for (char c : text) {
        bool joint = joints.contains(c);
        if (joint ? after_joint : !(is_lower(c) || is_digit(c))) return false;
        after_joint = joint;
    }
    return !after_joint;
}

bool is_host(std::string_view host) {
    if (host.starts_with('[')) return host.ends_with(']') && host.size() > 3;
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
    });
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && ec == std::errc{} && end == text.data() + text.size() && port <= 65535;
}

bool is_address(std::string_view text) {
    auto colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
    return colon == 0 || is_host(text.substr(0, colon));
}

bool is_http_url(std::string_view url) {
    if (url.starts_with("https://"))
        url.remove_prefix(8);
    else if (url.starts_with("http://"))
        url.remove_prefix(7);
    else
        return false;
    auto authority = url.substr(0, std::min(url.find('/'), url.find('?')));
    bool clean = std::ranges::none_of(url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '#'; });
    auto colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
    if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return false;
    return clean && is_host(authority.substr(0, colon));
}

// A secret in a field that does not take one would be used as its literal text.
bool has_stray_reference(const Yaml& yaml) {
    if (yaml.resolved() || !yaml.text().contains("${")) return false;
    auto made = Template::parse(yaml.text());
    return made && made->has_secrets();
}

template <class T>
Type<T> make(Shape shape, std::optional<T> (*parse)(const Yaml&, Problems&)) {
    return Type<T>(std::move(shape), parse);
}

}  // namespace

Type<std::string> text() {
    return text(TextRule{});
}

Type<std::string> text(TextRule rule) {
    Shape shape{.kind = Shape::Kind::text, .name = rule.name, .pattern = rule.pattern, .format = rule.format};
    return {std::move(shape), [rule](const Yaml& yaml, Problems& problems) -> std::optional<std::string> {
                bool fits = yaml.is_scalar() && (!rule.holds || rule.holds(yaml.text()));
                if (fits && has_stray_reference(yaml)) {
                    problems.add(yaml.place(), "a secret cannot stand in this field");
                    return std::nullopt;
                }
                if (fits) return yaml.text();
                expected(yaml, rule.expected.empty() ? rule.name : rule.expected, problems);
                return std::nullopt;
            }};
}

TextRule name_rule() {
    return {.name = "name",
            .expected = "a name of lower-case words and digits joined by _ or -",
            .pattern = "^[a-z0-9]+([_-][a-z0-9]+)*$",
            .holds = [](std::string_view text) { return is_joined_words(text, "_-"); }};
}

TextRule path_name_rule() {
    return {.name = "name",
            .expected = "a name of lower-case words and digits joined by _ - . or /",
            .pattern = "^[a-z0-9]+([_./-][a-z0-9]+)*$",
            .holds = [](std::string_view text) { return is_joined_words(text, "_-./"); }};
}

TextRule url_rule() {
    return {.name = "url",
            .expected = "an absolute http or https URL without user and fragment",
            .format = "uri",
            .holds = is_http_url};
}

TextRule address_rule() {
    return {.name = "address",
            .expected = "an address such as 127.0.0.1:8080, [::1]:8080 or :8080",
            .pattern = "^.*:[0-9]{1,5}$",
            .holds = is_address};
}

Type<bool> boolean() {
    return make<bool>({.kind = Shape::Kind::boolean, .name = "true or false"},
                      [](const Yaml& yaml, Problems& problems) {
                          auto flag = yaml.boolean();
                          if (!flag) expected(yaml, "true or false", problems);
                          return flag;
                      });
}

Type<double> number() {
    return make<double>({.kind = Shape::Kind::number, .name = "number"},
                        [](const Yaml& yaml, Problems& problems) -> std::optional<double> {
                            double value = 0;
                            const auto& digits = yaml.text();
                            if (yaml.is_number() &&
                                std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{})
                                return value;
                            expected(yaml, "a number", problems);
                            return std::nullopt;
                        });
}

Type<std::int64_t> whole_number(std::int64_t at_least, std::int64_t at_most) {
    constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
    Shape shape{.kind = Shape::Kind::integer, .name = "integer"};
    if (at_least != least) shape.minimum = at_least;
    if (at_most != most) shape.maximum = at_most;
    std::string what = "a whole number";
    if (shape.minimum && shape.maximum)
        what = fmt::format("a whole number from {} to {}", at_least, at_most);
    else if (shape.minimum)
        what = fmt::format("a whole number of {} or more", at_least);
    else if (shape.maximum)
        what = fmt::format("a whole number of {} or less", at_most);
    return {std::move(shape), [=](const Yaml& yaml, Problems& problems) -> std::optional<std::int64_t> {
                auto value = yaml.integer();
                if (value && *value >= at_least && *value <= at_most) return value;
                expected(yaml, what, problems);
                return std::nullopt;
            }};
}

Type<Milliseconds> duration(Milliseconds at_least, Milliseconds at_most) {
    TextRule rule{.name = "duration",
                  .expected = "a duration such as 250ms, 30s, 5m, 72h or 14d",
                  .pattern = "^[0-9]+(ms|s|m|h|d)$"};
    return from_text<Milliseconds>(rule, [=](std::string_view written) -> Result<Milliseconds> {
        TRY(auto value, parse_duration(written));
        if (value < at_least)
            return fail(Fault::bad_config, fmt::format("at least {}, not {}", format_duration(at_least), written));
        if (value > at_most)
            return fail(Fault::bad_config, fmt::format("at most {}, not {}", format_duration(at_most), written));
        return value;
    });
}

Type<std::uint64_t> size(std::uint64_t at_least, std::uint64_t at_most) {
    TextRule rule{
        .name = "size", .expected = "a size such as 512B, 64KB, 1MB or 2GB", .pattern = "^[0-9]+(B|KB|MB|GB)$"};
    return from_text<std::uint64_t>(rule, [=](std::string_view written) -> Result<std::uint64_t> {
        TRY(auto value, parse_size(written));
        if (value < at_least)
            return fail(Fault::bad_config, fmt::format("at least {}, not {}", format_size(at_least), written));
        if (value > at_most)
            return fail(Fault::bad_config, fmt::format("at most {}, not {}", format_size(at_most), written));
        return value;
    });
}

Type<Yaml> anything() {
    return make<Yaml>({.kind = Shape::Kind::anything, .name = "any YAML"},
                      [](const Yaml& yaml, Problems&) { return std::optional(yaml); });
}

Type<Template> reference_text() {
    return make<Template>({.kind = Shape::Kind::text, .name = "text with references"},
                          [](const Yaml& yaml, Problems& problems) -> std::optional<Template> {
                              if (yaml.is_scalar()) return parse_template(yaml, problems);
                              expected(yaml, "text", problems);
                              return std::nullopt;
                          });
}

Type<Template> secret() {
    Shape shape{
        .kind = Shape::Kind::text, .name = "secret", .pattern = R"(^\$\{(secret|env):[^}]+\}$)", .secret = true};
    return make<Template>(std::move(shape), [](const Yaml& yaml, Problems& problems) -> std::optional<Template> {
        auto made = yaml.is_scalar() ? parse_template(yaml, problems) : std::nullopt;
        if (yaml.is_scalar() && !made) return std::nullopt;
        if (made && (yaml.resolved() || made->sole())) return made;
        problems.add(yaml.place(),
                     "expected ${secret:name#field} or ${env:NAME}; a secret is never written into a file");
        return std::nullopt;
    });
}

Type<std::size_t> one_of(std::string name, std::vector<Shape::Choice> choices) {
    std::vector<std::string> names;
    for (const auto& entry : choices) names.push_back(entry.name);
    Shape shape{.kind = Shape::Kind::choice, .name = std::move(name), .choices = std::move(choices)};
    return {std::move(shape), [names](const Yaml& yaml, Problems& problems) -> std::optional<std::size_t> {
                auto which = yaml.is_scalar() ? std::ranges::find(names, yaml.text()) : names.end();
                if (which != names.end()) return static_cast<std::size_t>(which - names.begin());
                auto near = yaml.is_scalar() && !yaml.resolved() ? nearest(yaml.text(), names) : std::nullopt;
                problems.add(yaml.place(), fmt::format("expected one of {}, found {}{}", join(names, ", "), found(yaml),
                                                       near ? "; did you mean " + *near + "?" : ""));
                return std::nullopt;
            }};
}

}  // namespace tributary::spec
