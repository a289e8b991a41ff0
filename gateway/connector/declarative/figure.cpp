#include "gateway/connector/declarative/figure.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

std::optional<double> number_of(std::string_view text) {
    text = trim(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Parsed JSON has a bounded depth.
void find_greatest(value::Node node, const std::vector<std::string>& names, std::optional<std::string>& greatest) {
    for (const auto member : node) {
        const bool named = node.is(value::Kind::object) && std::ranges::count(names, member.key()) > 0;
        const auto number = named ? number_of(member.scalar_text()) : std::nullopt;
        if (number && (!greatest || *number > *number_of(*greatest))) greatest = member.scalar_text();
        find_greatest(member, names, greatest);
    }
}

}  // namespace

std::optional<std::string> Figure::text(const Answer& answer) const {
    auto text = Where{.body = body, .header = header, .text = {}}.read(answer);
    if (text && !matches.empty()) {
        std::string group;
        if (!RE2::PartialMatch(*text, matches, &group)) return std::nullopt;
        text = std::move(group);
    }
    if (!text || json.empty()) return text;
    const auto document = value::parse_json(*text);
    std::optional<std::string> greatest;
    if (document) find_greatest(document->root(), json, greatest);
    return greatest;
}

std::optional<double> Figure::number(const Answer& answer) const {
    if (fixed) return fixed;
    const auto found = text(answer);
    return found ? number_of(*found) : std::nullopt;
}

const spec::Type<Figure>& describe(spec::Tag<Figure>) {
    static const auto type = [] {
        spec::Object<Figure> object("figure", "one number by which an answer tells of its own limits");
        add_figure_fields(object);
        return object.type();
    }();
    return type;
}

}  // namespace tributary::connector
