#include "connectors/record_template.hpp"

#include <fmt/format.h>

#include "gateway/base/ascii.hpp"

namespace tributary::connectors {

namespace {

bool is_path_character(char c, bool first) {
    const char folded = static_cast<char>(c | 0x20);
    if ((folded >= 'a' && folded <= 'z') || c == '_' || c == '@' || static_cast<unsigned char>(c) >= 0x80) return true;
    return !first && (is_digit(c) || std::string_view(".[]- ").contains(c));
}

// The size of "{path}" or "{path?}" at the front of `text`, 0 when there is none.
std::size_t place_size(std::string_view text) {
    std::size_t i = 1;
    while (i < text.size() && is_path_character(text[i], i == 1)) ++i;
    if (i == 1 || text[i - 1] == ' ') return 0;
    if (i < text.size() && text[i] == '?') ++i;
    return i < text.size() && text[i] == '}' ? i + 1 : 0;
}

}  // namespace

RecordTemplate::RecordTemplate(std::string_view text) {
    std::string literal;
    const auto end_literal = [&] {
        if (!literal.empty()) pieces_.push_back({std::exchange(literal, {})});
    };
    while (!text.empty()) {
        if (text.starts_with("{{") || text.starts_with("}}")) {
            literal += text.front();
            text.remove_prefix(2);
        } else if (const auto size = text.front() == '{' ? place_size(text) : 0; size > 0) {
            end_literal();
            const bool optional = text[size - 2] == '?';
            pieces_.push_back({std::string(text.substr(1, size - 2 - optional)), true, optional});
            text.remove_prefix(size);
        } else {
            literal += text.front();
            text.remove_prefix(1);
        }
    }
    end_literal();
}

RecordTemplate RecordTemplate::field(std::string name) {
    RecordTemplate out;
    out.pieces_.push_back({std::move(name), true, false});
    return out;
}

Result<std::string> RecordTemplate::render(value::Node record, const Escape& escape) const {
    std::string out;
    for (const auto& piece : pieces_) {
        if (!piece.is_field) {
            out += piece.text;
            continue;
        }
        auto value = record.find(piece.text);  // a column may have dots in its name
        if (value.is(value::Kind::missing)) value = record.at_path(piece.text);
        if (value.is(value::Kind::object) || value.is(value::Kind::array)) {
            return fail(Fault::bad_input, fmt::format("field {} must be a single value", piece.text));
        }
        if (!value && !piece.optional)
            return fail(Fault::bad_input, fmt::format("the record has no field {}", piece.text));
        const auto text = value.scalar_text();
        out += escape ? escape(text) : text;
    }
    return out;
}

std::vector<std::string> RecordTemplate::fields() const {
    std::vector<std::string> out;
    for (const auto& piece : pieces_) {
        if (piece.is_field) out.push_back(piece.text);
    }
    return out;
}

}  // namespace tributary::connectors
