// The values of the bench's baseline, normalised by hand: each appends its JSON to the output.
#pragma once

#include <simdjson.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench::by_hand {

inline std::string_view text(simdjson::dom::element element) {
    std::string_view value;
    return element.get(value) == simdjson::SUCCESS ? value : std::string_view();
}

inline std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

inline void quoted(std::string_view text, std::string& out) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') [[likely]]
            continue;
        out.append(text, from, i - from);
        from = i + 1;
        if (c == '"')
            out += "\\\"";
        else if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\b')
            out += "\\b";
        else if (c == '\f')
            out += "\\f";
        else {
            out += "\\u00";
            out += "0123456789abcdef"[c >> 4];
            out += "0123456789abcdef"[c & 15];
        }
    }
    out.append(text, from);
    out += '"';
}

inline void member(std::string_view start, std::string_view text, std::string& out) {
    text = trimmed(text);
    if (text.empty()) return;
    out += start;
    quoted(text, out);
}

inline void number(std::int64_t value, std::string& out) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

inline int exponent_of(std::string_view currency) {
    if (currency == "JPY" || currency == "KRW") return 0;
    if (currency == "KWD" || currency == "BHD" || currency == "OMR" || currency == "TND" || currency == "JOD") return 3;
    return currency.size() == 3 ? 2 : -1;
}

inline bool minor_units(std::string_view text, int exponent, std::int64_t& minor) {
    text = trimmed(text);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::int64_t value = 0;
    int decimals = -1;
    for (const char c : text) {
        if (c == '.') {
            if (decimals >= 0) return false;
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || value > INT64_MAX / 100) return false;
        if (decimals >= exponent && c != '0') return false;
        if (decimals >= exponent) continue;
        value = value * 10 + (c - '0');
        if (decimals >= 0) ++decimals;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < exponent; ++i) value *= 10;
    minor = negative ? -value : value;
    return !text.empty();
}

inline bool money(std::string_view start, std::string_view text, std::string_view currency, std::string& out) {
    if (text.empty()) return true;
    const auto exponent = exponent_of(currency);
    std::int64_t minor = 0;
    if (exponent < 0 || !minor_units(text, exponent, minor)) return false;
    out += start;
    out += "{\"minor\":";
    number(minor, out);
    out += ",\"currency\":\"";
    out += currency;
    out += "\"}";
    return true;
}

inline int two(const char* at) {
    return (at[0] - '0') * 10 + (at[1] - '0');
}
inline void put_two(int value, char* at) {
    at[0] = static_cast<char>('0' + value / 10);
    at[1] = static_cast<char>('0' + value % 10);
}

// 2024-01-15T10:30:00-05:00 or Z, to 2024-01-15T15:30:00.000Z.
inline bool timestamp(std::string_view start, std::string_view text, std::string& out) {
    using namespace std::chrono;
    text = trimmed(text);
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return false;
    for (const int at : {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18})
        if (text[static_cast<std::size_t>(at)] < '0' || text[static_cast<std::size_t>(at)] > '9') return false;
    const char* p = text.data();
    const year_month_day day{year{two(p) * 100 + two(p + 2)}, month{static_cast<unsigned>(two(p + 5))},
                             std::chrono::day{static_cast<unsigned>(two(p + 8))}};
    if (!day.ok() || two(p + 11) > 23 || two(p + 14) > 59 || two(p + 17) > 59) return false;
    auto at = sys_days(day) + hours{two(p + 11)} + minutes{two(p + 14)} + seconds{two(p + 17)};
    if (text.size() == 25 && (text[19] == '+' || text[19] == '-') && text[22] == ':') {
        const auto offset = hours{two(p + 20)} + minutes{two(p + 23)};
        at += text[19] == '+' ? -offset : offset;
    } else if (text.size() != 20 || text[19] != 'Z') {
        return false;
    }
    const auto midnight = floor<days>(at);
    const year_month_day date{midnight};
    const hh_mm_ss time{at - midnight};
    char made[] = "0000-00-00T00:00:00.000Z";
    put_two(static_cast<int>(date.year()) / 100, made);
    put_two(static_cast<int>(date.year()) % 100, made + 2);
    put_two(static_cast<int>(static_cast<unsigned>(date.month())), made + 5);
    put_two(static_cast<int>(static_cast<unsigned>(date.day())), made + 8);
    put_two(static_cast<int>(time.hours().count()), made + 11);
    put_two(static_cast<int>(time.minutes().count()), made + 14);
    put_two(static_cast<int>(time.seconds().count()), made + 17);
    out += start;
    out += '"';
    out.append(made, 24);
    out += '"';
    return true;
}

inline bool email(std::string_view text, std::string& out) {
    text = trimmed(text);
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254 || text.find('@') != at ||
        text.find('.', at) == std::string_view::npos)
        return false;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    char address[256], norm[256];
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c <= ' ' || c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x7f) return false;
        norm[i] = lower(c);
        address[i] = i < at ? c : norm[i];
    }
    out += "{\"address\":\"";
    out.append(address, text.size());
    out += "\",\"norm\":\"";
    out.append(norm, text.size());
    out += "\"}";
    return true;
}

struct PhonePrefix {
    std::string_view digits, type, region;
};
constexpr std::array<PhonePrefix, 6> kPrefixes = {{{"1", "", ""},
                                                   {"4420", "landline", "GB"},
                                                   {"4930", "landline", "DE"},
                                                   {"331", "landline", "FR"},
                                                   {"3120", "landline", "NL"},
                                                   {"3491", "landline", "ES"}}};

inline bool phone(std::string_view text, std::string_view country, std::string& out) {
    text = trimmed(text);
    char number[20] = {'+'};
    std::size_t size = 1;
    if (!text.starts_with('+')) {
        if (country != "US" && country != "us" && country != "CA") return false;
        number[size++] = '1';
    }
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            if (size == 16) return false;
            number[size++] = c;
        } else if (c != ' ' && c != '(' && c != ')' && c != '-' && c != '.' && c != '+') {
            return false;
        }
    }
    const std::string_view e164(number, size);
    for (const auto& prefix : kPrefixes) {
        if (!e164.substr(1).starts_with(prefix.digits)) continue;
        out += "{\"e164\":\"";
        out += e164;
        out += "\",\"raw\":";
        quoted(text, out);
        if (!prefix.type.empty()) {
            out += ",\"type\":\"";
            out += prefix.type;
            out += "\",\"region\":\"";
            out += prefix.region;
            out += '"';
        }
        out += '}';
        return true;
    }
    return false;
}

inline bool country(std::string_view start, std::string_view text, std::string& out) {
    static constexpr std::string_view kKnown = "AT BE CA CH DE DK ES FI FR GB IE IT NL NO PL PT SE US ";
    text = trimmed(text);
    if (text.size() != 2) return false;
    const char code[] = {static_cast<char>(text[0] & ~0x20), static_cast<char>(text[1] & ~0x20), ' '};
    if (kKnown.find(std::string_view(code, 3)) == std::string_view::npos) return false;
    out += start;
    out += '"';
    out.append(code, 2);
    out += '"';
    return true;
}

}  // namespace bench::by_hand
