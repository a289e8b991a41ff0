#include "gateway/record/codes.hpp"

#include <date/tz.h>

#include <algorithm>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"

namespace tributary::record {

namespace {

bool all_letters(std::string_view part) {
    return std::ranges::all_of(part, is_letter);
}
bool all_alphanumeric(std::string_view part) {
    return std::ranges::all_of(part, [](char c) { return is_letter(c) || is_digit(c); });
}

void append_script(std::string_view part, std::string& out) {
    out += upper_ascii(part.substr(0, 1));
    out += lower_ascii(part.substr(1));
}

}  // namespace

std::optional<std::string> parse_language(std::string_view text) {
    if (text.empty() || text.size() > 35) return std::nullopt;
    const std::string separated = replace_all(text, "_", "-");
    std::string tag;
    // BCP 47 order: language, extended languages, script, region, variants, extensions, private use.
    enum class Next { extended, script, region, variant, extension } next = Next::extended;
    bool first_part = true, after_singleton = false;
    for (const auto part : split(separated, '-')) {
        if (part.empty() || part.size() > 8 || !all_alphanumeric(part)) return std::nullopt;
        if (first_part) {
            first_part = false;
            if (part.size() < 2 || part.size() == 4 || !all_letters(part)) return std::nullopt;
            tag = lower_ascii(part);
            continue;
        }
        tag += '-';
        if (next == Next::extended && part.size() == 3 && all_letters(part)) {
            tag += lower_ascii(part);
        } else if (next <= Next::script && part.size() == 4 && all_letters(part)) {
            append_script(part, tag);
            next = Next::region;
        } else if (next <= Next::region && ((part.size() == 2 && all_letters(part)) ||
                                            (part.size() == 3 && std::ranges::all_of(part, is_digit)))) {
            tag += upper_ascii(part);
            next = Next::variant;
        } else if (next <= Next::variant && (part.size() >= 5 || (part.size() == 4 && is_digit(part[0])))) {
            tag += lower_ascii(part);
            next = Next::variant;
        } else if (part.size() == 1 && !after_singleton) {
            tag += lower_ascii(part);
            next = Next::extension;
            after_singleton = true;
            continue;
        } else if (next == Next::extension) {
            tag += lower_ascii(part);
        } else {
            return std::nullopt;
        }
        after_singleton = false;
    }
    if (after_singleton) return std::nullopt;
    return tag;
}

bool is_time_zone(std::string_view text) {
    if (text.empty() || text.size() > 64) return false;
    if (!std::ranges::all_of(
            text, [](char c) { return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+'; }))
        return false;
    try {
        date::locate_zone(text);
        return true;
    } catch (const std::runtime_error&) {  // its way to say that there is no such zone
        return false;
    }
}

bool is_web_url(std::string_view text) {
    if (text.size() > 2048) return false;
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const auto scheme = text.substr(0, scheme_end);
    if (!equal_ignoring_case(scheme, "https") && !equal_ignoring_case(scheme, "http")) return false;
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>' || c == '\\')
            return false;
    auto authority = text.substr(scheme_end + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    if (authority.empty() || authority.find('@') != std::string_view::npos) return false;
    if (authority.front() == '[') {  // an IPv6 address
        const auto close = authority.find(']');
        return close != std::string_view::npos && close > 2 &&
               (close + 1 == authority.size() || authority[close + 1] == ':');
    }
    const auto colon = authority.find(':');
    const auto host = authority.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto port = to_integer(authority.substr(colon + 1));
        if (!port || *port < 1 || *port > 65535) return false;
    }
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.find("..") == std::string_view::npos;
}

}  // namespace tributary::record
