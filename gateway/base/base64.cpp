#include "gateway/base/base64.hpp"

#include <array>
#include <cstdint>

namespace tributary {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < have ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j) {
            if (j <= have)
                out.push_back(alphabet[group >> (18 - 6 * j) & 63]);
            else if (pad)
                out.push_back('=');
        }
    }
    return out;
}

int sextet(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return -1;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    return encode(bytes, kStandard, true);
}
std::string to_base64url(std::string_view bytes) {
    return encode(bytes, kUrl, false);
}

std::optional<std::string> from_base64(std::string_view text) {
    std::size_t length = text.size();
    while (length > 0 && text.size() - length < 2 && text[length - 1] == '=') --length;
    if (length != text.size() && text.size() % 4 != 0) return std::nullopt;
    if (length % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(length * 3 / 4);
    std::uint32_t bits = 0;
    int have = 0;
    for (char c : text.substr(0, length)) {
        int value = sextet(c);
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out.push_back(static_cast<char>(bits >> have & 255));
        }
    }
    if ((bits & ((1U << have) - 1)) != 0) return std::nullopt;
    return out;
}

}  // namespace tributary
