// Unicode text: what canonical records hold (NFC, no control characters), and the folded form of match keys (NFKC,
// case-folded, spaces collapsed). Both have an ASCII fast path. Input is valid UTF-8; what is not becomes U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tributary::record {

struct CleanText {
    std::string_view text;          // into the input or into the scratch buffer
    bool removed_controls = false;  // C0 or C1 characters other than \n and \t were there (\r\n counts as \n)
};

// Trims, normalises to NFC, and drops control characters. `scratch` is used only when the text has to change.
CleanText clean_text(std::string_view text, std::string& scratch);
// Code points.
std::size_t length(std::string_view text);
// The longest prefix of at most `count` code points.
std::string_view first(std::string_view text, std::size_t count);
// Upper-case half-width spelling variants fold to one: "ＡＢＣ  Straße" is "abc strasse".
std::string fold_key(std::string_view text);

}  // namespace tributary::record
