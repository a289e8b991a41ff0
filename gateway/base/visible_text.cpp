#include "gateway/base/visible_text.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace tributary {
namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t size = 0;  // 0: no character begins here
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
    std::uint32_t code = lead & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        code = code << 6 | (byte(i) & 0x3fU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
    return {code, size};
}

// What shows nothing, or makes other text show differently.
bool hidden(std::uint32_t code) {
    const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
    return code < 0x20 || within(0x7f, 0x9f) || code == 0xad || code == 0x61c || code == 0x180e ||
           within(0x200b, 0x200f) || within(0x2028, 0x202e) || within(0x2060, 0x206f) || code == 0xfeff ||
           within(0xfff9, 0xfffb) || within(0xe0000, 0xe007f);
}

}  // namespace

std::string visible_text(std::string_view text, std::size_t most) {
    std::string out;
    while (!text.empty()) {
        const auto next = first_character(text);
        std::string piece;
        if (next.size == 0)
            piece = fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
        else if (next.code == '\\')
            piece = "\\\\";
        else if (hidden(next.code))
            piece = fmt::format("\\u{{{:x}}}", next.code);
        else
            piece = text.substr(0, next.size);
        if (out.size() + piece.size() > most) return out + "...";
        out += piece;
        text.remove_prefix(next.size ? next.size : 1);
    }
    return out;
}

}  // namespace tributary
