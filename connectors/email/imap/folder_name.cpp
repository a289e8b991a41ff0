#include "connectors/email/imap/folder_name.hpp"

#include <cstdint>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::imap {

namespace {

bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x7F;
}

// The code point at the front of valid UTF-8, which is removed.
std::uint32_t take_code_point(std::string_view& rest) {
    const auto lead = static_cast<unsigned char>(rest[0]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t code = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(rest[i]) & 0x3FU);
    rest.remove_prefix(size);
    return code;
}

void put_unit(std::string& out, std::uint32_t unit) {
    out += static_cast<char>(unit >> 8);
    out += static_cast<char>(unit & 0xFF);
}

// UTF-16 (big endian) as UTF-8; nullopt for an odd size or a lone surrogate.
std::optional<std::string> utf8_of(std::string_view units) {
    if (units.size() % 2 != 0) return std::nullopt;
    std::string out;
    const auto unit = [&](std::size_t i) {
        return std::uint32_t{static_cast<unsigned char>(units[i])} << 8 | static_cast<unsigned char>(units[i + 1]);
    };
    for (std::size_t i = 0; i < units.size(); i += 2) {
        auto code = unit(i);
        if (code >= 0xDC00 && code < 0xE000) return std::nullopt;
        if (code >= 0xD800 && code < 0xDC00) {
            if (i + 3 >= units.size()) return std::nullopt;
            const auto low = unit(i + 2);
            if (low < 0xDC00 || low >= 0xE000) return std::nullopt;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        char bytes[4];
        out.append(bytes, value::put_utf8(code, bytes));
    }
    return out;
}

}  // namespace

std::string to_modified_utf7(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        if (is_plain(static_cast<unsigned char>(name[0]))) {
            out += name[0];
            if (name[0] == '&') out += '-';
            name.remove_prefix(1);
            continue;
        }
        std::string units;
        while (!name.empty() && !is_plain(static_cast<unsigned char>(name[0]))) {
            const auto code = take_code_point(name);
            if (code < 0x10000) {
                put_unit(units, code);
            } else {
                put_unit(units, 0xD800 + ((code - 0x10000) >> 10));
                put_unit(units, 0xDC00 + ((code - 0x10000) & 0x3FF));
            }
        }
        auto base64 = replace_all(to_base64(units), "/", ",");
        while (base64.ends_with('=')) base64.pop_back();
        out += '&' + base64 + '-';
    }
    return out;
}

std::optional<std::string> from_modified_utf7(std::string_view name) {
    std::string out;
    while (!name.empty()) {
        const char c = name[0];
        if (!is_plain(static_cast<unsigned char>(c))) return std::nullopt;
        if (c != '&') {
            out += c;
            name.remove_prefix(1);
            continue;
        }
        const auto end = name.find('-');
        if (end == name.npos) return std::nullopt;
        const auto inside = name.substr(1, end - 1);
        name.remove_prefix(end + 1);
        if (inside.empty()) {
            out += '&';
            continue;
        }
        if (inside.find_first_of("/-_=") != inside.npos) return std::nullopt;
        const auto units = from_base64(replace_all(inside, ",", "/"));
        const auto text = units ? utf8_of(*units) : std::nullopt;
        if (!text) return std::nullopt;
        out += *text;
    }
    return out;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace tributary::connectors::imap
