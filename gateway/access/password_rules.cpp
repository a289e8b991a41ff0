#include "gateway/access/password_rules.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "gateway/access/common_words.hpp"
#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"

namespace tributary::access {
namespace {

constexpr std::array<std::string_view, 8> kRows{"abcdefghijklmnopqrstuvwxyz", "01234567890123456789",
                                                "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
                                                "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
                                                "qazwsxedcrfvtgbyhnujm",      "1q2w3e4r5t6z7u8i9o0p"};

char plain(char c) {
    switch (c) {
        case '0':
            return 'o';
        case '1':
        case '!':
            return 'i';
        case '3':
            return 'e';
        case '4':
        case '@':
            return 'a';
        case '5':
        case '$':
            return 's';
        case '7':
            return 't';
        default:
            return c;
    }
}

std::string letters_of(std::string_view text) {
    std::string letters;
    std::ranges::copy_if(text, std::back_inserter(letters), [](char c) { return is_letter(c) || (c & 0x80) != 0; });
    return letters;
}

std::size_t characters_of(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

// How many characters stand in pieces of four or more from a row of letters, digits or the keyboard, either way.
std::size_t in_rows(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t longest = 0;
        for (const auto row : kRows) {
            const std::string back(row.rbegin(), row.rend());
            for (std::size_t n = 4; i + n <= text.size() && n <= row.size(); ++n) {
                const auto piece = text.substr(i, n);
                if (!row.contains(piece) && !back.contains(piece)) break;
                longest = std::max(longest, n);
            }
        }
        count += longest;
        i += std::max<std::size_t>(longest, 1);
    }
    return count;
}

// The smallest piece that the whole is made of by repeating it.
std::size_t period_of(std::string_view text) {
    for (std::size_t period = 1; period < text.size(); ++period)
        if (text.substr(period) == text.substr(0, text.size() - period)) return period;
    return text.size();
}

// Without the digits and signs at both ends.
std::string_view core_of(std::string_view text) {
    while (!text.empty() && !is_letter(text.front()) && (text.front() & 0x80) == 0) text.remove_prefix(1);
    while (!text.empty() && !is_letter(text.back()) && (text.back() & 0x80) == 0) text.remove_suffix(1);
    return text;
}

// A sentence that everybody knows, and hardly anything else.
bool is_known_sentence(std::string_view folded) {
    const auto letters = letters_of(folded);
    return std::ranges::any_of(kCommonSentences, [&](auto sentence) {
        return letters.contains(sentence) && letters.size() - sentence.size() < kShortestBesideFactor;
    });
}

bool common(std::string_view folded) {
    std::string undone(core_of(folded));
    std::ranges::transform(undone, undone.begin(), plain);
    for (const auto& form : {letters_of(folded), letters_of(undone)}) {
        // A common word, alone or again, and nothing else but digits, signs and up to three letters.
        if (std::ranges::any_of(kCommonWords, [&](auto word) {
                const auto rest = replace_all(form, word, "");
                return rest.size() < form.size() && rest.size() <= 3;
            }))
            return true;
    }
    return false;
}

}  // namespace

Result<void> check_password(std::string_view password, std::string_view user, bool second_factor) {
    const auto refuse = [](std::string what) { return fail(Fault::bad_input, std::move(what), "password"); };
    const auto least = second_factor ? kShortestBesideFactor : kShortestAlone;
    if (password.size() > kLongestPassword) return refuse("is longer than 256 bytes");
    if (characters_of(password) < least)
        return refuse("takes at least " + std::to_string(least) + " characters" +
                      (second_factor ? "" : ", 12 beside a second factor"));
    const auto folded = lower_ascii(password);
    if (std::set<char>(folded.begin(), folded.end()).size() < 5 || period_of(folded) <= folded.size() / 3)
        return refuse("repeats itself: take several words that have nothing to do with each other");
    if (in_rows(folded) * 2 > folded.size())
        return refuse(
            "is a row of letters, digits or keys: take several words that have nothing to do with each other");
    if (user.size() >= 3 && folded.contains(lower_ascii(user))) return refuse("contains the user's name");
    if (is_known_sentence(folded))
        return refuse("is a saying that many use: take several words that have nothing to do with each other");
    if (common(folded))
        return refuse(
            "is a common word with digits and signs: take several words that have nothing to do with each other");
    return {};
}

}  // namespace tributary::access
