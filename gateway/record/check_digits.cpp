#include "gateway/record/check_digits.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "gateway/base/ascii.hpp"
#include "gateway/record/country.hpp"
#include "gateway/record/date.hpp"

namespace tributary::record {

namespace {

int value_of(char c) {
    return c - '0';
}
bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, is_digit);
}

// Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir, RuPay.
bool is_issuer(std::string_view digits) {
    int prefix = 0;
    for (std::size_t i = 0; i < 4; ++i) prefix = prefix * 10 + value_of(digits[i]);
    const int two = prefix / 100;
    const bool range_of_length = digits.size() == 16 || digits.size() == 19;
    if (digits[0] == '4') return range_of_length;  // 13 digits are history, and half of all order ids
    if (two >= 51 && two <= 55) return digits.size() == 16;
    if (prefix >= 2200 && prefix <= 2720) return digits.size() == 16;
    if (two == 34 || two == 37) return digits.size() == 15;
    if (two == 36 || two == 38 || two == 39 || (prefix >= 3000 && prefix <= 3059)) return digits.size() == 14;
    if (two == 62) return digits.size() >= 16;
    // Other lengths exist on paper alone, and marketplaces number their orders so.
    return digits.size() == 16 &&
           ((prefix >= 3528 && prefix <= 3589) || (two >= 56 && two <= 69) || two == 50 || two == 81);
}

// ISO 13616 registry: country and length.
struct IbanLength {
    std::string_view country;
    std::size_t size;
};
constexpr IbanLength kIban[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
    {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"DO", 28},
    {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
    {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30},
    {"NL", 18}, {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}};

std::size_t iban_length(std::string_view country) {
    const auto found = std::ranges::find(kIban, country, &IbanLength::country);
    return found == std::end(kIban) ? 0 : found->size;
}

// REQUIRES: letters are upper case, at least 5 characters of A-Z and 0-9.
bool passes_mod_97(std::string_view iban) {
    int rest = 0;
    auto feed = [&](std::string_view part) {
        for (const char c : part)
            rest = is_digit(c) ? (rest * 10 + value_of(c)) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    };
    feed(iban.substr(4));
    feed(iban.substr(0, 4));
    return rest == 1;
}

// The IBAN that begins at `at`, single spaces or dashes left out; false when none does.
bool iban_at(std::string_view text, std::size_t at) {
    if (text.size() - at < 15 || !is_letter(text[at]) || !is_letter(text[at + 1]) || !is_digit(text[at + 2]) ||
        !is_digit(text[at + 3]))
        return false;
    std::string compact;
    auto upper = [](char c) { return is_letter(c) ? static_cast<char>(c & ~0x20) : c; };
    const std::array<char, 2> country = {upper(text[at]), upper(text[at + 1])};
    const auto size = iban_length({country.data(), 2});
    if (size == 0) return false;
    for (; at < text.size() && compact.size() < size; ++at) {
        const char c = text[at];
        if (is_digit(c) || is_letter(c))
            compact += upper(c);
        else if ((c != ' ' && c != '-') || text[at - 1] == c)
            return false;
    }
    const bool ends_here = at >= text.size() || (!is_digit(text[at]) && !is_letter(text[at]));
    return compact.size() == size && ends_here && passes_mod_97(compact);
}

}  // namespace

bool passes_luhn(std::string_view digits) {
    if (digits.empty() || !all_digits(digits)) return false;
    int sum = 0;
    bool twice = false;
    for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
        const int digit = value_of(digits[i]) * (twice ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

bool is_gtin(std::string_view digits) {
    const auto size = digits.size();
    if ((size != 8 && size != 12 && size != 13 && size != 14) || !all_digits(digits)) return false;
    int sum = 0;
    for (std::size_t i = 0; i + 1 < size; ++i) sum += value_of(digits[i]) * ((size - 1 - i) % 2 == 1 ? 3 : 1);
    return (10 - sum % 10) % 10 == value_of(digits.back());
}

bool is_resident_id(std::string_view text) {
    constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    if (text.size() != 18 || !all_digits(text.substr(0, 17))) return false;
    const int region = value_of(text[0]) * 10 + value_of(text[1]);
    if (region < 11 || region > 91) return false;
    const auto birth =
        std::string(text.substr(6, 4)) + "-" + std::string(text.substr(10, 2)) + "-" + std::string(text.substr(12, 2));
    if (!is_date(birth) || birth < "1850-01-01" || birth > "2199-12-31") return false;
    int sum = 0;
    for (std::size_t i = 0; i < 17; ++i) sum += value_of(text[i]) * kWeights[i];
    const char check = "10X98765432"[sum % 11];
    return text[17] == check || (check == 'X' && text[17] == 'x');
}

bool is_uscc(std::string_view text) {
    constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    constexpr std::array<int, 17> kWeights = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    if (text.size() != 18) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 18; ++i) {
        const auto value = kAlphabet.find(text[i]);
        if (value == std::string_view::npos) return false;
        if (i < 17)
            sum += static_cast<int>(value) * kWeights[i];
        else
            return static_cast<int>(value) == (31 - sum % 31) % 31;
    }
    return false;
}

bool is_iban(std::string_view text) {
    std::string compact;
    for (const char c : text) {
        if (is_digit(c) || is_upper(c))
            compact += c;
        else if (c != ' ')
            return false;
    }
    return compact.size() >= 15 && iban_length(std::string_view(compact).substr(0, 2)) == compact.size() &&
           is_digit(compact[2]) && is_digit(compact[3]) && passes_mod_97(compact);
}

bool contains_card_number(std::string_view text) {
    if (text.size() < 14) return false;
    std::array<char, 19> digits{};
    for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        std::size_t count = 0, next = at;  // the whole run of digits with single separators
        for (; next < text.size(); ++next) {
            if (is_digit(text[next])) {
                if (count < digits.size()) digits[count] = text[next];
                ++count;
            } else if ((text[next] != ' ' && text[next] != '-') || !is_digit(text[next - 1])) {
                break;
            }
        }
        const std::string_view run(digits.data(), std::min(count, digits.size()));
        const bool in_word = at > 0 && (is_letter(text[at - 1]) || text[at - 1] == '.');
        if (!in_word && count >= 14 && count <= 19 && is_issuer(run) && passes_luhn(run)) return true;
        at = next;
    }
    return false;
}

bool contains_iban(std::string_view text) {
    if (text.size() < 15) return false;
    for (std::size_t at = 0; at + 15 <= text.size(); ++at)
        if ((at == 0 || (!is_letter(text[at - 1]) && !is_digit(text[at - 1]))) && iban_at(text, at)) return true;
    return false;
}

}  // namespace tributary::record
