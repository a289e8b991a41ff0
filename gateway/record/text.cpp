#include "gateway/record/text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tributary::record {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_plain(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
}

bool is_visible(char c) {
    return is_plain(c) && c != ' ';
}

// Eight bytes at a time, each of them is_plain().
bool all_plain(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x80 * kOnes;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        const auto below = ~((word | kHigh) - 0x20 * kOnes), above = (word & ~kHigh) + kOnes;
        if (((word | below | above) & kHigh) != 0) return false;
    }
    return std::ranges::all_of(text.substr(at), is_plain);
}

// Valid UTF-8 below U+0300, where nothing composes: such text is NFC as it stands.
bool is_below_marks(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x80) continue;
        if (c < 0xc2 || c >= 0xcc || ++at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80)
            return false;
    }
    return true;
}

// U+00A0 and U+3000 stand at the ends of pasted texts.
bool starts_with_space(std::string_view text, std::size_t& size) {
    if (text.starts_with("\xc2\xa0"))
        size = 2;
    else if (text.starts_with("\xe3\x80\x80") || text.starts_with("\xef\xbb\xbf"))
        size = 3;
    else if (!text.empty() && is_blank(text.front()))
        size = 1;
    else
        return false;
    return true;
}

bool ends_with_space(std::string_view text, std::size_t& size) {
    if (text.ends_with("\xc2\xa0"))
        size = 2;
    else if (text.ends_with("\xe3\x80\x80"))
        size = 3;
    else if (!text.empty() && is_blank(text.back()))
        size = 1;
    else
        return false;
    return true;
}

std::string_view trim_unicode(std::string_view text) {
    if (!text.empty() && is_visible(text.front()) && is_visible(text.back())) return text;
    std::size_t size = 0;
    while (starts_with_space(text, size)) text.remove_prefix(size);
    while (ends_with_space(text, size)) text.remove_suffix(size);
    return text;
}

bool is_control(std::string_view text, std::size_t at, std::size_t& size) {
    const auto c = static_cast<unsigned char>(text[at]);
    size = 1;
    if (c < 0x20) return c != '\n' && c != '\t';
    if (c == 0x7f) return true;
    if (c == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0) {  // C1
        size = 2;
        return true;
    }
    return false;
}

bool drop_controls(std::string_view text, std::string& out) {
    out.clear();
    bool removed = false;
    for (std::size_t at = 0, size = 0; at < text.size();) {
        if (!is_control(text, at, size)) {
            out += text[at++];
            continue;
        }
        if (text[at] == '\r') {  // \r\n and a lone \r are line feeds
            if (at + 1 >= text.size() || text[at + 1] != '\n') out += '\n';
        } else {
            removed = true;
        }
        at += size;
    }
    return removed;
}

const icu::Normalizer2& normalizer(bool for_keys) {
    UErrorCode status = U_ZERO_ERROR;
    const auto* found =
        for_keys ? icu::Normalizer2::getNFKCCasefoldInstance(status) : icu::Normalizer2::getNFCInstance(status);
    return *found;  // ICU carries both in its own data
}

}  // namespace

CleanText clean_text(std::string_view text, std::string& scratch) {
    text = trim_unicode(text);
    if (all_plain(text)) return {text, false};
    CleanText clean{text, false};
    std::size_t size = 0;
    bool controls = false;
    for (std::size_t at = 0; at < text.size() && !controls; ++at) controls = is_control(text, at, size);
    if (controls) {
        clean.removed_controls = drop_controls(text, scratch);
        clean.text = trim_unicode(scratch);
    }
    if (is_below_marks(clean.text)) return clean;
    UErrorCode status = U_ZERO_ERROR;
    const icu::StringPiece piece(clean.text.data(), static_cast<int32_t>(clean.text.size()));
    if (normalizer(false).isNormalizedUTF8(piece, status) && U_SUCCESS(status)) return clean;
    std::string composed;
    icu::StringByteSink<std::string> sink(&composed);
    status = U_ZERO_ERROR;
    normalizer(false).normalizeUTF8(0, piece, sink, nullptr, status);
    scratch = std::move(composed);
    clean.text = scratch;
    return clean;
}

std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view first(std::string_view text, std::size_t count) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((text[at] & 0xc0) == 0x80) continue;
        if (count-- == 0) return text.substr(0, at);
    }
    return text;
}

std::string fold_key(std::string_view text) {
    std::string folded;
    if (std::ranges::all_of(text, [](char c) { return is_plain(c) || is_blank(c); })) {
        folded.reserve(text.size());
        for (const char c : text) folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    } else {
        UErrorCode status = U_ZERO_ERROR;
        icu::StringByteSink<std::string> sink(&folded);
        normalizer(true).normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink,
                                       nullptr, status);
    }
    std::string collapsed;
    collapsed.reserve(folded.size());
    for (const char c : folded) {
        if (!is_blank(c))
            collapsed += c;
        else if (!collapsed.empty() && collapsed.back() != ' ')
            collapsed += ' ';
    }
    if (collapsed.ends_with(' ')) collapsed.pop_back();
    return collapsed;
}

}  // namespace tributary::record
