#include "connectors/email/message/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::mail {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string real_charset(std::string_view label) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kWider{{
        {"gb2312", "GB18030"},
        {"gb_2312-80", "GB18030"},
        {"gbk", "GB18030"},
        {"x-gbk", "GB18030"},
        {"cp936", "GB18030"},
        {"iso-8859-1", "WINDOWS-1252"},
        {"latin1", "WINDOWS-1252"},
        {"shift_jis", "CP932"},
        {"shift-jis", "CP932"},
        {"x-sjis", "CP932"},
        {"ks_c_5601-1987", "CP949"},
        {"euc-kr", "CP949"},
        {"big5", "BIG5-HKSCS"},
        {"iso-8859-9", "WINDOWS-1254"},
        {"iso-2022-jp", "ISO-2022-JP-2"},
        {"utf8", "UTF-8"},
        {"iso-8859-11", "CP874"},
    }};
    const auto lower = lower_ascii(trim(label));
    for (const auto& [narrow, wide] : kWider)
        if (lower == narrow) return std::string(wide);
    return lower;
}

// Labels that say nothing about 8-bit bytes.
bool says_nothing(std::string_view charset) {
    return charset.empty() || charset == "us-ascii" || charset == "ascii" || charset == "unknown-8bit" ||
           charset == "x-unknown" || charset == "binary" || charset == "utf-8";
}

bool is_name(std::string_view charset) {
    return charset.size() < 40 &&
           std::ranges::all_of(
               charset,
               [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':'; });
}

// nullopt: nobody knows the charset.
std::optional<std::string> convert(std::string_view bytes, const std::string& charset) {
    if (charset.empty() || !is_name(charset)) return std::nullopt;
    iconv_t handle = ::iconv_open("UTF-8", charset.c_str());
    // iconv_open's failure is (iconv_t)-1.
    if (reinterpret_cast<std::intptr_t>(handle) == -1) return std::nullopt;
    std::string out;
    std::array<char, 4096> chunk;
    char* in = const_cast<char*>(bytes.data());  // iconv's signature; it does not write there
    std::size_t left = bytes.size();
    while (left > 0) {
        char* to = chunk.data();
        std::size_t room = chunk.size();
        const auto before = left;
        const auto done = ::iconv(handle, &in, &left, &to, &room);
        const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
        out.append(chunk.data(), chunk.size() - room);
        if (error == 0 || error == E2BIG) {
            if (error == E2BIG && left == before && room == chunk.size()) break;  // no progress: never seen
            continue;
        }
        out += kReplacement;
        ++in;
        --left;
    }
    char* to = chunk.data();
    std::size_t room = chunk.size();
    ::iconv(handle, nullptr, nullptr, &to, &room);
    out.append(chunk.data(), chunk.size() - room);
    ::iconv_close(handle);
    return out;
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view label, const std::string& fallback) {
    const auto charset = real_charset(label);
    const bool ascii = std::ranges::all_of(bytes, [](unsigned char c) { return c < 0x80 && c != 0x1B; });
    if (ascii && !charset.starts_with("utf-16") && !charset.starts_with("utf-32") && charset != "utf-7")
        return std::string(bytes);
    if (!says_nothing(charset) && charset != "UTF-8") {
        if (auto text = convert(bytes, charset)) return std::move(*text);
    }
    if (value::valid_utf8(bytes)) return std::string(bytes);
    // A label of UTF-8 with a few broken bytes is still UTF-8.
    if (charset == "utf-8" || charset == "UTF-8") return convert(bytes, "UTF-8").value_or("");
    return convert(bytes, real_charset(fallback)).value_or(convert(bytes, "WINDOWS-1252").value_or(""));
}

std::string clean_text(std::string_view text, std::size_t limit) {
    std::string out;
    out.reserve(std::min(text.size(), limit));
    while (!text.empty()) {
        const auto good = value::first_invalid_utf8(text);
        for (const char c : text.substr(0, good)) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte == '\r' || (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) continue;
            out += c;
        }
        if (good < text.size()) out += kReplacement;
        text.remove_prefix(std::min(text.size(), good + 1));
        if (out.size() > limit) break;
    }
    if (out.size() > limit) {
        auto end = limit;
        while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
        out.resize(end);
    }
    return out;
}

std::string clean_line(std::string_view text, std::size_t limit) {
    std::string out;
    for (const char c : clean_text(text, limit)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

}  // namespace tributary::connectors::mail
