#include "gateway/value/form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/base/text.hpp"
#include "gateway/value/percent.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::value {

namespace {

struct Field {
    std::string name;
    std::vector<std::string> values;
};

std::optional<std::string> decode(std::string_view text) {
    std::string plain(text);
    std::ranges::replace(plain, '+', ' ');
    return percent_decode(plain);
}

Result<std::vector<Field>> fields_of(std::string_view text, std::size_t max_fields) {
    std::vector<Field> fields;
    std::unordered_map<std::string, std::size_t> places;
    std::size_t number = 0;
    for (const auto piece : split(text, '&')) {
        if (piece.empty()) continue;
        if (++number > max_fields) return fail(Fault::bad_input, fmt::format("more than {} form fields", max_fields));
        const auto equals = piece.find('=');
        auto name = decode(piece.substr(0, equals));
        auto value = decode(equals == piece.npos ? std::string_view{} : piece.substr(equals + 1));
        const auto place = fmt::format("form field {}", number);
        if (!name || !value) return fail(Fault::bad_input, "'%' must be followed by two hex digits", place);
        if (!valid_utf8(*name) || !valid_utf8(*value)) return fail(Fault::bad_input, "invalid UTF-8", place);
        const auto [at, is_new] = places.try_emplace(*name, fields.size());
        if (is_new) fields.push_back({std::move(*name), {}});
        fields[at->second].values.push_back(std::move(*value));
    }
    return fields;
}

void write_field(std::string_view name, Node value, std::string& out) {
    if (!out.empty()) out += '&';
    percent_encode(name, out);
    out += '=';
    percent_encode(value.scalar_text(), out);
}

}  // namespace

Result<Document> parse_form(std::string_view text, std::size_t max_fields) {
    TRY(const auto fields, fields_of(text, max_fields));
    Builder builder;
    builder.begin_object();
    for (const auto& [name, values] : fields) {
        builder.key(name);
        if (values.size() > 1) builder.begin_array();
        for (const auto& value : values) builder.text(value);
        if (values.size() > 1) builder.end();
    }
    return builder.end().take();
}

std::string write_form(Node object) {
    std::string out;
    for (auto member : object) {
        if (member.is(Kind::array)) {
            for (auto value : member) write_field(member.key(), value, out);
        } else {
            write_field(member.key(), member, out);
        }
    }
    return out;
}

}  // namespace tributary::value
