#include "gateway/value/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"
#include "gateway/value/xml_mark.hpp"

namespace tributary::value {

namespace {

std::unexpected<Error> bad(std::size_t at, std::string_view what) {
    return fail(Fault::bad_input, fmt::format("byte {}: {}", at, what));
}

void append(std::uint32_t code_point, std::string& out) {
    std::array<char, 4> bytes;
    out.append(bytes.data(), put_utf8(code_point, bytes.data()));
}

// The value of encoding="..." in the XML declaration, empty without one.
std::string declared_encoding(std::string_view text) {
    if (!text.starts_with("<?xml")) return {};
    text = text.substr(0, text.find("?>"));
    const auto name = text.find("encoding");
    if (name == text.npos) return {};
    const auto open = text.find_first_of("\"'", name);
    if (open == text.npos) return {};
    return lower_ascii(text.substr(open + 1, text.find(text[open], open + 1) - open - 1));
}

Result<std::string> from_utf16(std::string_view bytes, bool big_endian) {
    std::string out;
    const auto unit = [&](std::size_t at) {
        const auto first = static_cast<unsigned char>(bytes[at]), second = static_cast<unsigned char>(bytes[at + 1]);
        return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
    };
    for (std::size_t at = 2; at < bytes.size(); at += 2) {
        if (at + 1 == bytes.size()) return bad(at, "half a UTF-16 character at the end");
        auto code_point = unit(at);
        if (code_point >= 0xD800 && code_point <= 0xDFFF) {
            const auto low = at + 3 < bytes.size() ? unit(at + 2) : 0;
            if (code_point > 0xDBFF || low < 0xDC00 || low > 0xDFFF) return bad(at, "a surrogate needs its other half");
            code_point = 0x10000 + ((code_point & 0x3FF) << 10 | (low & 0x3FF));
            at += 2;
        }
        append(code_point, out);
    }
    return out;
}

bool is_xml_character(std::uint32_t c) {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c < 0xD800 || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

// `reference` is what stands between '&' and ';'.
bool known_reference(std::string_view reference) {
    constexpr std::array<std::string_view, 5> kEntities = {"amp", "lt", "gt", "quot", "apos"};
    if (!reference.starts_with('#')) return std::ranges::find(kEntities, reference) != kEntities.end();
    reference.remove_prefix(1);
    const bool hex = reference.starts_with('x');
    if (hex) reference.remove_prefix(1);
    std::uint32_t code_point = 0;
    const auto* const end = reference.data() + reference.size();
    const auto [stop, error] = std::from_chars(reference.data(), end, code_point, hex ? 16 : 10);
    return error == std::errc{} && stop == end && is_xml_character(code_point);
}

// nullptr when all is well.
const char* check_references(std::string_view text, std::size_t& at) {
    for (at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
        const auto end = text.find(';', at);
        if (end == text.npos || !known_reference(text.substr(at + 1, end - at - 1))) {
            return "'&' must begin one of XML's five entities or a character reference";
        }
    }
    return nullptr;
}

}  // namespace

Result<std::string> xml_as_utf8(std::string_view bytes) {
    if (bytes.starts_with("\xFE\xFF") || bytes.starts_with("\xFF\xFE")) return from_utf16(bytes, bytes[0] == '\xFE');
    if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    const auto encoding = declared_encoding(bytes);
    if (encoding == "iso-8859-1" || encoding == "latin1") {
        std::string out;
        for (const char c : bytes) append(static_cast<unsigned char>(c), out);
        return out;
    }
    if (!encoding.empty() && encoding != "utf-8" && encoding != "us-ascii") {
        return bad(0, "this encoding is not read: UTF-8, UTF-16 with its mark and ISO-8859-1 are");
    }
    if (!valid_utf8(bytes)) return bad(first_invalid_utf8(bytes), "invalid UTF-8");
    return std::string(bytes);
}

Result<void> check_xml_markup(std::string_view text, std::size_t max_depth) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_xml_character(static_cast<unsigned char>(text[i]))) return bad(i, "a control character");
    }
    std::size_t depth = 0, roots = 0;
    for (std::size_t at = 0; at < text.size();) {
        using Kind = XmlMark::Kind;
        const auto mark = next_xml_mark(text.substr(at));
        const auto piece = text.substr(at, mark.size);
        std::size_t inside = 0;
        switch (mark.kind) {
            case Kind::more:
                return bad(at, "this markup is not closed");
            case Kind::declaration:
                return bad(at, "a document type declaration is refused");
            case Kind::text:
            case Kind::cdata:
                if (depth == 0 && !trim(piece).empty()) return bad(at, "text stands outside the root element");
                break;
            case Kind::open:
            case Kind::empty:
                if (depth == 0 && ++roots > 1) return bad(at, "the document has more than one root element");
                if (depth >= max_depth) return bad(at, "nested deeper than the limit");
                if (mark.kind == Kind::open) ++depth;
                break;
            case Kind::close:
                if (depth == 0) return bad(at, "this end tag has no start tag");
                --depth;
                break;
            default:
                break;
        }
        const bool refers = mark.kind == Kind::text || mark.kind == Kind::open || mark.kind == Kind::empty;
        if (const auto* wrong = refers ? check_references(piece, inside) : nullptr) return bad(at + inside, wrong);
        at += mark.size;
    }
    if (depth > 0) return bad(text.size(), "an element is not closed");
    if (roots == 0) return bad(text.size(), "a root element was expected");
    return {};
}

}  // namespace tributary::value
