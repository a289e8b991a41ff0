#include "gateway/connector/declarative/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/base/duration.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/filter_kinds.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/number.hpp"

namespace tributary::connector {
namespace {

using Found = Scope::Found;
using filters::made;

struct Known {
    std::string_view name;
    std::size_t least, most;  // number of arguments
    bool first_is_name = false;
};
constexpr std::array kKnown{
    Known{"base64", 0, 0},
    Known{"base64url", 0, 0},
    Known{"from_base64", 0, 0},
    Known{"json", 0, 0},
    Known{"lower", 0, 0},
    Known{"upper", 0, 0},
    Known{"text", 0, 0},
    Known{"integer", 0, 0},
    Known{"url", 0, 0},
    Known{"host", 0, 0},
    Known{"hex", 0, 0},
    Known{"sha256", 0, 0},
    Known{"md5", 0, 0},
    Known{"uuid", 0, 0},
    Known{"hmac_sha256", 1, 1, true},
    Known{"hmac_sha1", 1, 1, true},
    Known{"hmac_md5", 1, 1, true},
    Known{"tid", 1, 1, true},
    Known{"first", 0, 0},
    Known{"pluck", 1, 1},
    Known{"wrap", 1, 1},
    Known{"objects", 1, 1},
    Known{"without", 2, 9, true},
    Known{"where", 2, 2},
    Known{"set", 2, 2},
    Known{"relate", 4, 4},
    Known{"or", 1, 1, true},
    Known{"default", 1, 1},
    Known{"after", 1, 1},
    Known{"part", 2, 2},
    Known{"doubled", 1, 1},
    Known{"escaped", 1, 1},
    Known{"time", 1, 2},
    Known{"plus", 1, 1},
    Known{"xml", 0, 0},
};

}  // namespace

namespace filters {

Result<std::string> scalar(const Filter& filter, const Found& value) {
    if (value.text) return *value.text;
    if (value.node.is(value::Kind::array) || value.node.is(value::Kind::object))
        return fail(Fault::bad_input,
                    fmt::format("filter '{}' needs a single value, not a list or an object", filter.name));
    return value.node.scalar_text();
}

Found made(value::Builder& builder, value::Document& kept) {
    kept = builder.take();
    return {kept.root(), std::nullopt};
}

}  // namespace filters

namespace {

Result<Found> to_number(const std::string& text, value::Document& kept) {
    if (!value::is_json_number(text)) return fail(Fault::bad_input, "filter 'integer' needs a whole number");
    const auto number = value::exact_integer(text);
    if (!number) return fail(Fault::bad_input, "filter 'integer' needs a whole number of up to 64 bits");
    value::Builder out;
    out.integer(*number);
    return made(out, kept);
}

}  // namespace

Result<Filter> parse_filter(std::string_view text) {
    Filter filter;
    const auto open = text.find('(');
    filter.name = std::string(trim(text.substr(0, open)));
    if (open != std::string_view::npos) {
        if (!text.ends_with(')')) return fail(Fault::bad_config, fmt::format("filter '{}' lacks its ')'", filter.name));
        for (const auto piece : split(text.substr(open + 1, text.size() - open - 2), ','))
            filter.arguments.emplace_back(trim(piece));
    }
    const auto known = std::ranges::find(kKnown, filter.name, &Known::name);
    if (known == kKnown.end()) {
        std::vector<std::string> all;
        for (const auto& each : kKnown) all.emplace_back(each.name);
        const auto near = nearest(filter.name, all);
        return fail(Fault::bad_config,
                    fmt::format("unknown filter '{}'; {}", filter.name,
                                near ? "did you mean '" + *near + "'?" : "known: " + join(all, ", ")));
    }
    if (filter.arguments.size() < known->least || filter.arguments.size() > known->most)
        return fail(Fault::bad_config,
                    fmt::format("filter '{}' takes {} arguments, not {}", filter.name,
                                known->least == known->most ? std::to_string(known->least)
                                                            : fmt::format("{} to {}", known->least, known->most),
                                filter.arguments.size()));
    if (filter.name == "time") CHECK_OK(filters::check_time(filter));
    if (filter.name == "plus") CHECK_OK(parse_duration(filter.arguments[0]));
    if (filter.name == "part" && (filter.arguments[0].size() != 1 || to_integer(filter.arguments[1]).value_or(0) < 1))
        return fail(Fault::bad_config, "filter 'part' takes one sign and a number from 1, such as part(/, 5)");
    return filter;
}

const std::string* name_in(const Filter& filter) {
    const auto known = std::ranges::find(kKnown, filter.name, &Known::name);
    if (known == kKnown.end()) return nullptr;
    if (filter.name == "relate") return &filter.arguments[1];
    return known->first_is_name ? &filter.arguments.front() : nullptr;
}

Result<Found> apply(const Filter& filter, Found value, const Scope& scope, value::Document& kept) {
    if (filter.name == "or" || filter.name == "default") {
        const bool empty = value.text ? value.text->empty()
                                      : !value.node || (value.node.is(value::Kind::text) && value.node.text().empty());
        if (!empty) return value;
        if (filter.name == "or") return scope.find(filter.arguments[0]);
        if (filter.arguments[0] != "[]") return Found{{}, filter.arguments[0]};
        value::Builder out;
        out.begin_array().end();
        return made(out, kept);
    }
    if (value.missing()) return value;
    if (filter.name == "json") {
        if (!value.text) return Found{{}, value::to_json(value.node)};
        std::string out;
        value::write_json_string(*value.text, out);
        return Found{{}, std::move(out)};
    }
    if (!value.text && value.node.is(value::Kind::null)) return value;
    static constexpr std::string_view kOnLists[] = {"first", "pluck", "wrap",   "objects",
                                                    "where", "set",   "relate", "without"};
    if (std::ranges::count(kOnLists, filter.name)) return filters::on_list(filter, value, scope, kept);
    TRY(auto text, filters::scalar(filter, value));
    if (filter.name == "integer") return to_number(text, kept);
    if (filter.name == "time") return filters::moment_as(filter, text, kept);
    TRY(auto out, filters::on_text(filter, text, scope));
    return Found{{}, std::move(out)};
}

}  // namespace tributary::connector
