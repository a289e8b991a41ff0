#include "gateway/connector/declarative/verify_entities.hpp"

#include <optional>
#include <tuple>

#include "gateway/base/text.hpp"

namespace tributary::connector {
namespace {

// `name` is what stands between '&' and ';'. Numbers may have leading zeros.
std::optional<char> entity(std::string_view name) {
    if (name == "amp") return '&';
    if (name == "lt") return '<';
    if (name == "gt") return '>';
    if (name == "quot") return '"';
    if (!name.starts_with('#')) return std::nullopt;
    name.remove_prefix(1);
    bool hex = name.starts_with('x') || name.starts_with('X');
    if (hex) name.remove_prefix(1);
    while (name.size() > 2 && name.front() == '0') name.remove_prefix(1);
    auto code = lower_ascii(name);
    for (auto [decimal, hexadecimal, plain] :
         {std::tuple{"38", "26", '&'}, {"60", "3c", '<'}, {"62", "3e", '>'}, {"34", "22", '"'}, {"39", "27", '\''}})
        if (code == (hex ? hexadecimal : decimal)) return plain;
    return std::nullopt;
}

}  // namespace

std::string decode_html_entities(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
        auto plain = end == std::string_view::npos ? std::nullopt : entity(text.substr(i + 1, end - i - 1));
        out.push_back(plain.value_or(text[i]));
        if (plain) i = end;
    }
    return out;
}

}  // namespace tributary::connector
