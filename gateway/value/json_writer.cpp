#include <array>
#include <charconv>

#include "gateway/value/json.hpp"

namespace tributary::value {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// What stands after the backslash: a letter, 'u' for \u00XX, 0 for a character that needs no escape.
constexpr auto kEscapes = [] {
    std::array<char, 256> table{};
    for (int i = 0; i < 0x20; ++i) table[static_cast<std::size_t>(i)] = 'u';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
}();

void write_integer(std::int64_t value, std::string& out) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

// Returns false for containers, which the callers lay out.
bool write_scalar(Node node, std::string& out) {
    switch (node.kind()) {
        case Kind::object:
        case Kind::array:
            return false;
        case Kind::text:
            write_json_string(node.text(), out);
            break;
        case Kind::decimal:
            out += node.text();
            break;
        case Kind::integer:
            write_integer(node.integer(), out);
            break;
        case Kind::boolean:
            out += node.boolean() ? "true" : "false";
            break;
        default:
            out += "null";
    }
    return true;
}

void write_pretty(Node node, std::size_t indent, std::string& out) {
    if (write_scalar(node, out)) return;
    const bool object = node.is(Kind::object);
    if (node.size() == 0) {
        out += object ? "{}" : "[]";
        return;
    }
    char separator = object ? '{' : '[';
    for (auto child : node) {
        out += separator;
        out += '\n';
        out.append(indent + 2, ' ');
        if (object) {
            write_json_string(child.key(), out);
            out += ": ";
        }
        write_pretty(child, indent + 2, out);
        separator = ',';
    }
    out += '\n';
    out.append(indent, ' ');
    out += object ? '}' : ']';
}

}  // namespace

void write_json_string(std::string_view text, std::string& out) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const char escape = kEscapes[byte];
        if (!escape) continue;
        out.append(text, from, i - from);
        from = i + 1;
        out += '\\';
        out += escape;
        if (escape != 'u') continue;
        out += "00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    out.append(text, from);
    out += '"';
}

void write_json(Node node, std::string& out) {
    if (write_scalar(node, out)) return;
    const bool object = node.is(Kind::object);
    out += object ? '{' : '[';
    bool first = true;
    for (auto child : node) {
        if (!first) out += ',';
        first = false;
        if (object) {
            write_json_string(child.key(), out);
            out += ':';
        }
        write_json(child, out);
    }
    out += object ? '}' : ']';
}

std::string to_json(Node node) {
    std::string out;
    write_json(node, out);
    return out;
}

std::string to_pretty_json(Node node) {
    std::string out;
    write_pretty(node, 0, out);
    return out;
}

}  // namespace tributary::value
