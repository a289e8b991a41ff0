#include "connectors/email/message/html_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::mail {

namespace {

constexpr std::array<std::string_view, 26> kBlocks{
    "p",  "div", "br",      "tr",      "li",     "ul",     "ol",  "table",      "h1",    "h2", "h3", "h4", "h5",
    "h6", "hr",  "section", "article", "header", "footer", "pre", "blockquote", "title", "dl", "dt", "dd", "center"};
constexpr std::array<std::string_view, 5> kHidden{"script", "style", "head", "template", "noscript"};

// The code point of "&#x20AC;" or "&euro;" without & and ;.
std::optional<std::uint32_t> reference(std::string_view name) {
    if (name.starts_with('#')) {
        std::uint32_t code = 0;
        const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        const auto digits = name.substr(hex ? 2 : 1);
        if (digits.empty() || digits.size() > 7) return std::nullopt;
        for (const char c : digits) {
            const std::uint32_t digit = c >= '0' && c <= '9'          ? static_cast<std::uint32_t>(c - '0')
                                        : hex && c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                        : hex && c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                                      : 99U;
            if (digit > 16) return std::nullopt;
            code = code * (hex ? 16 : 10) + digit;
        }
        if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return std::nullopt;
        return code;
    }
    static constexpr std::array<std::pair<std::string_view, std::uint32_t>, 37> kNames{{
        {"amp", '&'},      {"lt", '<'},       {"gt", '>'},        {"quot", '"'},     {"apos", '\''},
        {"nbsp", ' '},     {"euro", 0x20AC},  {"pound", 0xA3},    {"yen", 0xA5},     {"cent", 0xA2},
        {"copy", 0xA9},    {"reg", 0xAE},     {"trade", 0x2122},  {"sect", 0xA7},    {"deg", 0xB0},
        {"auml", 0xE4},    {"ouml", 0xF6},    {"uuml", 0xFC},     {"Auml", 0xC4},    {"Ouml", 0xD6},
        {"Uuml", 0xDC},    {"szlig", 0xDF},   {"eacute", 0xE9},   {"egrave", 0xE8},  {"agrave", 0xE0},
        {"ccedil", 0xE7},  {"ntilde", 0xF1},  {"hellip", 0x2026}, {"ndash", 0x2013}, {"mdash", 0x2014},
        {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C},  {"rdquo", 0x201D}, {"bdquo", 0x201E},
        {"bull", 0x2022},  {"middot", 0xB7},
    }};
    for (const auto& [known, code] : kNames)
        if (known == name) return code;
    return std::nullopt;
}

class Writer {
  public:
    void put(std::string_view bytes) {
        for (const char c : bytes) {
            if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
                blank_ = true;
                continue;
            }
            flush();
            out_ += c;
        }
    }
    void put_code_point(std::uint32_t code) {
        if (code == ' ' || code == 0xA0) {
            blank_ = true;
            return;
        }
        char bytes[4];
        flush();
        out_.append(bytes, value::put_utf8(code, bytes));
    }
    void line() { lines_ = std::min(lines_ + 1, 2); }
    std::string take() { return std::move(out_); }

  private:
    void flush() {
        if (!out_.empty()) {
            if (lines_ > 0)
                out_.append(static_cast<std::size_t>(lines_), '\n');
            else if (blank_)
                out_ += ' ';
        }
        lines_ = 0;
        blank_ = false;
    }
    std::string out_;
    int lines_ = 0;
    bool blank_ = false;
};

// What follows the tag, and for a hidden element what follows its end. `html` begins with '<'.
std::size_t skip_tag(std::string_view html, Writer& out) {
    if (html.starts_with("<!--")) {
        const auto end = html.find("-->", 4);
        return end == html.npos ? html.size() : end + 3;
    }
    const auto end = html.find('>');
    if (end == html.npos) return html.size();
    auto inside = html.substr(1, end - 1);
    const bool closing = inside.starts_with('/');
    if (closing) inside.remove_prefix(1);
    const auto name = lower_ascii(inside.substr(0, inside.find_first_of(" \t\r\n/")));
    if (std::ranges::find(kBlocks, name) != kBlocks.end()) out.line();
    if (name == "td" || name == "th") out.put(" ");
    if (closing || std::ranges::find(kHidden, name) == kHidden.end()) return end + 1;
    // An element whose text nobody sees, up to its end tag in any case.
    for (auto at = end; (at = html.find("</", at)) != html.npos; at += 2) {
        if (!equal_ignoring_case(html.substr(at + 2, name.size()), name)) continue;
        const auto close = html.find('>', at);
        return close == html.npos ? html.size() : close + 1;
    }
    return name == "head" ? end + 1 : html.size();
}

}  // namespace

std::string html_to_text(std::string_view html) {
    Writer out;
    while (!html.empty()) {
        const auto special = std::min(html.find_first_of("<&"), html.size());
        out.put(html.substr(0, special));
        html.remove_prefix(special);
        if (html.empty()) break;
        if (html[0] == '<') {
            const bool tag =
                html.size() > 1 && (html[1] == '/' || html[1] == '!' || html[1] == '?' ||
                                    (html[1] >= 'a' && html[1] <= 'z') || (html[1] >= 'A' && html[1] <= 'Z'));
            if (!tag) out.put("<");
            html.remove_prefix(tag ? skip_tag(html, out) : 1);
            continue;
        }
        const auto end = html.substr(0, 12).find(';');
        const auto code = end == html.npos ? std::nullopt : reference(html.substr(1, end - 1));
        if (code)
            out.put_code_point(*code);
        else
            out.put("&");
        html.remove_prefix(code ? end + 1 : 1);
    }
    return out.take();
}

}  // namespace tributary::connectors::mail
