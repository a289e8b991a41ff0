#include "gateway/connector/declarative/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gateway/base/base64.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/tid.hpp"
#include "gateway/connector/declarative/time_form.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/record/zone.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/number.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connector {
namespace {

using Found = Scope::Found;

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
    Known{"default", 1, 1},
    Known{"after", 1, 1},
    Known{"part", 2, 2},
    Known{"doubled", 1, 1},
    Known{"escaped", 1, 1},
    Known{"time", 1, 2},
    Known{"plus", 1, 1},
    Known{"xml", 0, 0},
};

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

Result<Found> need_list(const Filter& filter, const Found& value) {
    if (!value.text && value.node.is(value::Kind::array)) return value;
    return fail(Fault::bad_input, fmt::format("filter '{}' needs a list", filter.name));
}

// "type" compares the same field on both sides, "value=value_compact" two of different names.
bool same(value::Node a, value::Node b, const std::string& fields) {
    const auto equals = fields.find('=');
    const auto left = fields.substr(0, equals);
    const auto right = equals == std::string::npos ? left : fields.substr(equals + 1);
    return a.at_path(left).scalar_text() == b.at_path(right).scalar_text();
}

// Each element, which must be an object, with one member replaced, added, or left out when `write` says so.
template <class Write>
Result<void> copy_with(value::Node list, const std::string& field, value::Builder& out, Write write) {
    for (const auto each : list) {
        if (!each.is(value::Kind::object)) return fail(Fault::bad_input, "a list of objects is needed");
        out.begin_object();
        for (const auto member : each)
            if (member.key() != field) out.key(member.key()).copy(member);
        write(each);
        out.end();
    }
    return {};
}

Result<void> related(const Filter& filter, value::Node list, const Scope& scope, value::Builder& out) {
    const auto& arguments = filter.arguments;
    TRY(const auto table, scope.find(arguments[1]));
    return copy_with(list, arguments[0], out, [&](value::Node each) {
        const auto wanted = each.at_path(arguments[0]).scalar_text();
        const auto row = std::ranges::find_if(table.node, [&](value::Node r) {
            return !wanted.empty() && r.at_path(arguments[2]).scalar_text() == wanted;
        });
        if (row != table.node.end()) out.key(arguments[0]).copy((*row).at_path(arguments[3]));
    });
}

Result<Found> on_list(const Filter& filter, const Found& value, const Scope& scope, value::Document& kept) {
    TRY(const auto list, need_list(filter, value));
    const auto& arguments = filter.arguments;
    if (filter.name == "first") return Found{list.node.at(0), std::nullopt};
    value::Builder out;
    out.begin_array();
    if (filter.name == "pluck") {
        for (const auto each : list.node) out.copy(each.at_path(arguments[0]));
    } else if (filter.name == "wrap") {
        for (const auto each : list.node) out.begin_array().text(arguments[0]).copy(each).end();
    } else if (filter.name == "objects") {
        for (const auto each : list.node) out.begin_object().key(arguments[0]).copy(each).end();
    } else if (filter.name == "where") {
        for (const auto each : list.node)
            if (each.at_path(arguments[0]).scalar_text() == arguments[1]) out.copy(each);
    } else if (filter.name == "set") {
        CHECK_OK(
            copy_with(list.node, arguments[0], out, [&](value::Node) { out.key(arguments[0]).text(arguments[1]); }));
    } else if (filter.name == "relate") {
        CHECK_OK(related(filter, list.node, scope, out));
    } else {
        TRY(const auto other, scope.find(arguments[0]));
        const auto found_in_other = [&](value::Node each) {
            return std::ranges::any_of(other.node, [&](value::Node o) {
                return std::all_of(arguments.begin() + 1, arguments.end(),
                                   [&](const std::string& fields) { return same(each, o, fields); });
            });
        };
        for (const auto each : list.node)
            if (!found_in_other(each)) out.copy(each);
    }
    out.end();
    return made(out, kept);
}

Result<Found> to_number(const std::string& text, value::Document& kept) {
    if (!value::is_json_number(text)) return fail(Fault::bad_input, "filter 'integer' needs a whole number");
    const auto number = value::exact_integer(text);
    if (!number) return fail(Fault::bad_input, "filter 'integer' needs a whole number of up to 64 bits");
    value::Builder out;
    out.integer(*number);
    return made(out, kept);
}

Result<std::string> keyed(const Filter& filter, const std::string& text, const Scope& scope) {
    TRY(const auto key, scope.find(filter.arguments[0]));
    if (key.missing()) return fail(Fault::bad_config, fmt::format("'{}' is not set", filter.arguments[0]));
    TRY(const auto bytes, scalar(filter, key));
    if (filter.name == "tid") {
        const auto at = net::parse_rfc3339(text);
        if (!at) return fail(Fault::bad_input, "filter 'tid' needs a time in RFC 3339");
        return make_tid(*at, bytes);
    }
    const auto hash = filter.name == "hmac_sha256" ? crypto::Hash::sha256
                      : filter.name == "hmac_sha1" ? crypto::Hash::sha1
                                                   : crypto::Hash::md5;
    return crypto::hmac(hash, bytes, text);
}

// The moment in `text` as a platform writes it, by the wall clock of a zone when one is named.
Result<Found> moment_as(const Filter& filter, const std::string& text, value::Document& kept) {
    const auto at = net::parse_rfc3339(text);
    if (!at) return fail(Fault::bad_input, "filter 'time' needs a time in RFC 3339, such as {now}");
    TRY(auto form, TimeForm::named(filter.arguments[0]));
    if (filter.arguments.size() == 2) {
        TRY(const auto zone, record::ZoneRule::find(filter.arguments[1]));
        form.offset = zone.to_local(*at) - *at;
    }
    kept = form.write(*at);
    return Found{kept.root(), std::nullopt};
}

Result<std::string> later(const std::string& text, const std::string& duration) {
    const auto at = net::parse_rfc3339(text);
    TRY(const auto by, parse_duration(duration));
    if (!at) return fail(Fault::bad_input, "filter 'plus' needs a time in RFC 3339, such as {now}");
    return to_rfc3339(*at + by);
}

Result<void> check_time(const Filter& filter) {
    TRY(const auto form, TimeForm::named(filter.arguments[0]));
    if (!form.is_time()) return fail(Fault::bad_config, "filter 'time' needs a time form, such as unix or %Y-%m-%d");
    if (filter.arguments.size() == 1) return {};
    TRY(const auto zone, record::ZoneRule::find(filter.arguments[1]));
    if (form.kind != TimeForm::Kind::pattern || !zone.known())
        return fail(Fault::bad_config, "filter 'time' takes a zone, such as Asia/Shanghai, for a pattern alone");
    return {};
}

// Text that may stand in an XML element or attribute.
std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&apos;";
        else
            out += c;
    }
    return out;
}

// `mark` before each `sign`.
std::string with_before(std::string_view text, std::string_view sign, std::string_view mark) {
    std::string out;
    while (!text.empty()) {
        const auto at = sign.empty() ? std::string_view::npos : text.find(sign);
        out.append(text.substr(0, at));
        if (at == std::string_view::npos) break;
        out.append(mark).append(sign);
        text.remove_prefix(at + sign.size());
    }
    return out;
}

Result<std::string> piece_of(const Filter& filter, const std::string& text) {
    const auto pieces = split(text, filter.arguments[0][0]);
    const auto at = to_integer(filter.arguments[1]).value_or(0);
    if (at < 1 || static_cast<std::size_t>(at) > pieces.size())
        return fail(Fault::bad_input, fmt::format("the text has no piece {} between '{}'", at, filter.arguments[0]));
    return std::string(pieces[static_cast<std::size_t>(at) - 1]);
}

// RFC 9562, version 8: what is in it is ours, here a hash.
std::string uuid_of(const std::string& text) {
    auto bytes = crypto::digest(crypto::Hash::sha256, text).substr(0, 16);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0F) | 0x80);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3F) | 0x80);
    auto out = to_hex(bytes);
    for (const std::size_t at : {20, 16, 12, 8}) out.insert(at, "-");
    return out;
}

Result<std::string> on_text(const Filter& filter, const std::string& text, const Scope& scope) {
    const auto& name = filter.name;
    if (name == "base64") return to_base64(text);
    if (name == "base64url") return to_base64url(text);
    if (name == "lower") return lower_ascii(text);
    if (name == "upper") return upper_ascii(text);
    if (name == "hex") return to_hex(text);
    if (name == "url") return value::percent_encode(text);
    if (name == "sha256") return crypto::digest(crypto::Hash::sha256, text);
    if (name == "uuid") return uuid_of(text);
    if (name == "md5") return crypto::digest(crypto::Hash::md5, text);
    if (name.starts_with("hmac_") || name == "tid") return keyed(filter, text, scope);
    if (name == "host") {
        TRY(const auto url, parse_url(text));
        return url.host + (url.port.empty() ? "" : ":" + url.port);
    }
    if (name == "from_base64") {
        if (auto bytes = from_base64(text)) return *std::move(bytes);
        return fail(Fault::bad_input, "filter 'from_base64' needs base64");
    }
    if (name == "plus") return later(text, filter.arguments[0]);
    if (name == "xml") return xml_escaped(text);
    if (name == "doubled") return with_before(text, filter.arguments[0], filter.arguments[0]);
    if (name == "escaped") return with_before(with_before(text, "\\", "\\"), filter.arguments[0], "\\");
    if (name == "part") return piece_of(filter, text);
    if (name == "after") return text.starts_with(filter.arguments[0]) ? text.substr(filter.arguments[0].size()) : text;
    return text;
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
    if (filter.name == "time") CHECK_OK(check_time(filter));
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
    if (filter.name == "default") {
        const bool empty = value.text ? value.text->empty()
                                      : !value.node || (value.node.is(value::Kind::text) && value.node.text().empty());
        if (!empty) return value;
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
    if (std::ranges::count(kOnLists, filter.name)) return on_list(filter, value, scope, kept);
    TRY(auto text, scalar(filter, value));
    if (filter.name == "integer") return to_number(text, kept);
    if (filter.name == "time") return moment_as(filter, text, kept);
    TRY(auto out, on_text(filter, text, scope));
    return Found{{}, std::move(out)};
}

}  // namespace tributary::connector
