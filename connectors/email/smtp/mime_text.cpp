#include "connectors/email/smtp/mime_text.hpp"

#include <algorithm>

#include "gateway/base/base64.hpp"

namespace tributary::connectors::smtp {

namespace {

constexpr std::size_t kEncodedBytes = 42;  // 56 characters of base64; with =?UTF-8?B??= and a header's name below 78
constexpr std::size_t kLine = 75;          // 76 with the soft break

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

// Words are cut between characters, since each must be valid by itself.
std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto size = std::min(text.size(), kEncodedBytes);
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + to_base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace

std::string unstructured(std::string_view text) {
    // "=?" could be taken for an encoded word.
    const bool plain = is_ascii(text) && text.size() <= 60 && text.find("=?") == text.npos;
    return plain ? std::string(text) : encoded_words(text);
}

std::string phrase(std::string_view name) {
    if (!is_ascii(name) || name.size() > 60) return encoded_words(name);
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string quoted_printable(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' || c == '\n') {
            if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool line_ends = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
        const bool space = c == ' ' || c == '\t';
        const bool literal = (c > ' ' && c < 0x7F && c != '=' && !(c == '.' && column == 0)) || (space && !line_ends);
        if (column + (literal ? 1 : 3) > kLine) {
            out += "=\r\n";
            column = 0;
            --i;  // the character again, at the start of a line: a dot is then encoded
            continue;
        }
        if (literal) {
            out += c;
            ++column;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'=', kDigits[byte >> 4], kDigits[byte & 15]};
            column += 3;
        }
    }
    return out;
}

}  // namespace tributary::connectors::smtp
