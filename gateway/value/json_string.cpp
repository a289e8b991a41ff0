#include "gateway/value/json_string.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "gateway/value/utf8.hpp"

namespace tributary::value {

namespace {

std::optional<std::uint32_t> four_hex_digits(const char* at, const char* end) {
    if (end - at < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        const char folded = static_cast<char>(c | 0x20);
        if (c >= '0' && c <= '9')
            value = value << 4 | static_cast<std::uint32_t>(c - '0');
        else if (folded >= 'a' && folded <= 'f')
            value = value << 4 | static_cast<std::uint32_t>(folded - 'a' + 10);
        else
            return std::nullopt;
    }
    return value;
}

}  // namespace

Unescaped unescape_json(char* begin, char* end) {
    constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    constexpr const char* kLone = "a surrogate needs its other half";
    char* out = begin;
    for (char* in = begin; in < end;) {
        char* const slash = static_cast<char*>(std::memchr(in, '\\', static_cast<std::size_t>(end - in)));
        char* const stop = slash ? slash : end;
        std::memmove(out, in, static_cast<std::size_t>(stop - in));
        out += stop - in;
        if (!slash) break;
        in = slash + 2;
        if (const auto known = kFrom.find(slash[1]); known != kFrom.npos) {
            *out++ = kTo[known];
            continue;
        }
        const auto unit = slash[1] == 'u' ? four_hex_digits(in, end) : std::nullopt;
        if (!unit) return {slash, "an escape that JSON does not know"};
        in += 4;
        auto code_point = *unit;
        if (code_point >= 0xDC00 && code_point <= 0xDFFF) return {slash, kLone};
        if (code_point >= 0xD800 && code_point <= 0xDBFF) {
            const bool escape = end - in >= 6 && in[0] == '\\' && in[1] == 'u';
            const auto low = escape ? four_hex_digits(in + 2, end) : std::nullopt;
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return {slash, kLone};
            code_point = 0x10000 + ((code_point & 0x3FF) << 10 | (*low & 0x3FF));
            in += 6;
        }
        out = put_utf8(code_point, out);
    }
    return {out, nullptr};
}

}  // namespace tributary::value
