#include "connectors/data/sql/odbc_text.hpp"

#include <array>

#include "gateway/value/utf8.hpp"

namespace tributary::connectors::sql {

std::optional<std::u16string> to_utf16(std::string_view text) {
    if (!value::valid_utf8(text)) return std::nullopt;
    std::u16string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i++]);
        const int more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        char32_t point = more == 0 ? first : first & (0x3F >> more);
        for (int k = 0; k < more; ++k) point = point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
        if (point < 0x10000) {
            out += static_cast<char16_t>(point);
        } else {
            out += static_cast<char16_t>(0xD7C0 + (point >> 10));
            out += static_cast<char16_t>(0xDC00 + (point & 0x3FF));
        }
    }
    return out;
}

std::optional<std::string> from_utf16(std::u16string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char32_t point = text[i];
        if (point >= 0xDC00 && point < 0xE000) return std::nullopt;
        if (point >= 0xD800 && point < 0xDC00) {
            if (++i == text.size() || text[i] < 0xDC00 || text[i] >= 0xE000) return std::nullopt;
            point = 0x10000 + ((point - 0xD800) << 10) + (text[i] - 0xDC00U);
        }
        std::array<char, 4> bytes{};
        out.append(bytes.data(), value::put_utf8(point, bytes.data()));
    }
    return out;
}

}  // namespace tributary::connectors::sql
