#include "gateway/service/message_text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"

namespace tributary::service {
namespace {

struct Entity {
    std::string_view name, text;
};
constexpr std::array kEntities{
    Entity{"amp", "&"},    Entity{"lt", "<"},     Entity{"gt", ">"},     Entity{"quot", "\""},  Entity{"apos", "'"},
    Entity{"nbsp", " "},   Entity{"auml", "ä"},   Entity{"ouml", "ö"},   Entity{"uuml", "ü"},   Entity{"Auml", "Ä"},
    Entity{"Ouml", "Ö"},   Entity{"Uuml", "Ü"},   Entity{"szlig", "ß"},  Entity{"eacute", "é"}, Entity{"egrave", "è"},
    Entity{"ecirc", "ê"},  Entity{"agrave", "à"}, Entity{"aacute", "á"}, Entity{"acirc", "â"},  Entity{"iacute", "í"},
    Entity{"oacute", "ó"}, Entity{"ocirc", "ô"},  Entity{"uacute", "ú"}, Entity{"ugrave", "ù"}, Entity{"ntilde", "ñ"},
    Entity{"ccedil", "ç"}, Entity{"iquest", "¿"}, Entity{"iexcl", "¡"},  Entity{"rsquo", "’"},  Entity{"euro", "€"},
};
constexpr std::size_t kLongestEntity = 10;

void put_code_point(char32_t c, std::string& out) {
    icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(out);
}

// Decodes the entity at `at` (which holds &) into `out` and returns where it ends; `at` itself when it is none.
std::size_t entity(std::string_view html, std::size_t at, std::string& out) {
    auto end = html.substr(at, kLongestEntity + 2).find(';');
    if (end == std::string_view::npos || end < 2) return at;
    auto name = html.substr(at + 1, end - 1);
    if (name.front() == '#') {
        name.remove_prefix(1);
        int base = !name.empty() && (name.front() == 'x' || name.front() == 'X') ? 16 : 10;
        if (base == 16) name.remove_prefix(1);
        unsigned code = 0;
        auto [stop, failed] = std::from_chars(name.data(), name.data() + name.size(), code, base);
        bool scalar = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        if (failed != std::errc() || stop != name.data() + name.size() || !scalar) return at;
        put_code_point(code, out);
        return at + end + 1;
    }
    auto known = std::ranges::find(kEntities, name, &Entity::name);
    if (known == kEntities.end()) return at;
    out += known->text;
    return at + end + 1;
}

bool is_tag_character(char c) {
    return is_letter(c) || is_digit(c);
}

std::string tag_name(std::string_view tag) {
    if (!tag.empty() && tag.front() == '/') tag.remove_prefix(1);
    auto end = std::ranges::find_if_not(tag, is_tag_character);
    return lower_ascii(tag.substr(0, static_cast<std::size_t>(end - tag.begin())));
}

bool breaks_line(std::string_view name) {
    constexpr std::array kBlocks{"br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote", "table", "ul", "ol"};
    return std::ranges::find(kBlocks, name) != kBlocks.end();
}

// Behind the closing tag of `name`, or the end.
std::size_t behind_element(std::string_view html, std::size_t at, std::string_view name) {
    while ((at = html.find("</", at)) != std::string_view::npos) {
        if (tag_name(html.substr(at + 1, name.size() + 2)) == name) {
            auto end = html.find('>', at);
            return end == std::string_view::npos ? html.size() : end + 1;
        }
        at += 2;
    }
    return html.size();
}

}  // namespace

std::string text_of_html(std::string_view html) {
    std::string out;
    for (std::size_t at = 0; at < html.size();) {
        char c = html[at];
        if (c == '&') {
            auto end = entity(html, at, out);
            if (end == at) out += html[end++];
            at = end;
        } else if (c == '<' && html.substr(at).starts_with("<!--")) {
            auto end = html.find("-->", at);
            at = end == std::string_view::npos ? html.size() : end + 3;
        } else if (c == '<' && at + 1 < html.size() &&
                   (is_tag_character(html[at + 1]) || html[at + 1] == '/' || html[at + 1] == '!')) {
            auto end = html.find('>', at);
            auto name = tag_name(html.substr(at + 1, 16));
            at = end == std::string_view::npos ? html.size() : end + 1;
            if (name == "script" || name == "style" || name == "head") {
                if (end != std::string_view::npos) at = behind_element(html, at, name);
            } else {
                out += breaks_line(name) ? '\n' : ' ';
            }
        } else {
            out += c == '\r' || c == '\n' ? ' ' : c;
            ++at;
        }
    }
    return out;
}

std::string own_words(std::string_view text) {
    std::string out;
    for (auto line : split(text, '\n')) {
        if (line == "-- " || line == "-- \r") break;
        if (trim(line).starts_with('>')) continue;
        out += line;
        out += '\n';
    }
    return std::string(trim(out));
}

std::string without_urls(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto rest = text.substr(at);
        if (rest.starts_with("http://") || rest.starts_with("https://")) {
            at += std::min(rest.size(), rest.find_first_of(" \t\r\n<>\""));
            out += ' ';
        } else {
            out += text[at++];
        }
    }
    return out;
}

std::string fold(std::string_view text) {
    UErrorCode failed = U_ZERO_ERROR;
    const auto* fold_case = icu::Normalizer2::getNFKCCasefoldInstance(failed);
    const auto* decompose = icu::Normalizer2::getNFDInstance(failed);
    const auto* compose = icu::Normalizer2::getNFCInstance(failed);
    if (U_FAILURE(failed)) return lower_ascii(text);
    auto source = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
    auto marked = decompose->normalize(fold_case->normalize(source, failed), failed);
    icu::UnicodeString bare;
    for (std::int32_t i = 0; i < marked.length(); ++i)
        if (auto c = marked[i]; c < 0x300 || c > 0x36f) bare.append(c == 0x2019 ? u'\'' : c);
    std::string folded;
    compose->normalize(bare, failed).toUTF8String(folded);
    if (U_FAILURE(failed)) return lower_ascii(text);
    std::string out;
    for (char c : folded) {
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

}  // namespace tributary::service
