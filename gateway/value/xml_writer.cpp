#include <fmt/format.h>

#include "gateway/base/ascii.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::value {

namespace {

std::unexpected<Error> bad(const char* what) {
    return fail(Fault::bad_input, what);
}

bool is_name(std::string_view name) {
    const auto starts = [](unsigned char c) { return (c | 0x20) - 'a' < 26U || c == '_' || c == ':' || c >= 0x80; };
    if (name.empty() || !starts(static_cast<unsigned char>(name.front()))) return false;
    for (const char c : name) {
        if (!starts(static_cast<unsigned char>(c)) && !is_digit(c) && c != '-' && c != '.') return false;
    }
    return true;
}

Result<void> write_text(Node value, bool attribute, std::string& out) {
    for (const char c : value.scalar_text()) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += attribute ? "&quot;" : "\"";
                break;
            case '\r':
                out += "&#13;";
                break;
            case '\n':
                out += attribute ? "&#10;" : "\n";
                break;
            case '\t':
                out += attribute ? "&#9;" : "\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) return bad("XML cannot carry a control character");
                out += c;
        }
    }
    return {};
}

Result<void> write_element(std::string_view name, Node value, std::string& out);

Result<void> write_attributes(Node object, std::string& out) {
    for (auto member : object) {
        const auto key = member.key();
        if (!key.starts_with('@') || !member) continue;
        if (!is_name(key.substr(1))) return bad("an attribute's name is no XML name");
        if (member.size() > 0) return bad("an attribute must be a scalar");
        out += fmt::format(" {}=\"", key.substr(1));
        CHECK_OK(write_text(member, true, out));
        out += '"';
    }
    return {};
}

Result<void> write_children(Node object, std::string& out) {
    for (auto member : object) {
        if (member.key().starts_with('@')) continue;
        if (member.key() == "#text") {
            CHECK_OK(write_text(member, false, out));
        } else if (member.is(Kind::array)) {
            for (auto item : member) CHECK_OK(write_element(member.key(), item, out));
        } else {
            CHECK_OK(write_element(member.key(), member, out));
        }
    }
    return {};
}

Result<void> write_element(std::string_view name, Node value, std::string& out) {
    if (!is_name(name)) return bad("a key is no XML name");
    if (value.is(Kind::array)) return bad("an array inside an array has no XML form");
    out += fmt::format("<{}", name);
    if (value.is(Kind::object)) CHECK_OK(write_attributes(value, out));
    const auto start = out.size();
    out += '>';
    if (value.is(Kind::object)) {
        CHECK_OK(write_children(value, out));
    } else {
        CHECK_OK(write_text(value, false, out));
    }
    if (out.size() == start + 1) {
        out.replace(start, 1, "/>");
    } else {
        out += fmt::format("</{}>", name);
    }
    return {};
}

}  // namespace

Result<std::string> write_xml(Node document) {
    if (!document.is(Kind::object) || document.size() != 1) return bad("one root element was expected");
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    CHECK_OK(write_element(document.at(0).key(), document.at(0), out));
    return out;
}

}  // namespace tributary::value
