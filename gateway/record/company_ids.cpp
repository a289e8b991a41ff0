#include "gateway/record/company_ids.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "gateway/base/ascii.hpp"
#include "gateway/record/check_digits.hpp"

namespace tributary::record {

namespace {

bool is_number(std::string_view text, std::size_t size) {
    return text.size() == size && std::ranges::all_of(text, is_digit);
}

long long number(std::string_view digits) {
    long long value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

int weighted(std::string_view digits, std::span<const int> weights) {
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += (digits[i] - '0') * weights[i];
    return sum;
}

// The remainder modulo 97 of a text in which A is 10 and Z is 35.
int modulo_97(std::string_view text) {
    int rest = 0;
    for (const char c : text) rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    return rest;
}

// ISO 7064 MOD 11,10.
bool passes_german(std::string_view digits) {
    int product = 10;
    for (const char c : digits.substr(0, 8)) {
        const int sum = (c - '0' + product) % 10;
        product = 2 * (sum == 0 ? 10 : sum) % 11;
    }
    return (11 - product) % 10 == digits[8] - '0';
}

bool passes_dutch(std::string_view rest) {
    constexpr std::array<int, 8> kWeights = {9, 8, 7, 6, 5, 4, 3, 2};
    if (rest.size() != 12 || rest[9] != 'B' || !is_number(rest.substr(0, 9), 9) || !is_number(rest.substr(10), 2))
        return false;
    if (weighted(rest, kWeights) % 11 == rest[8] - '0') return true;
    return modulo_97("NL" + std::string(rest)) == 1;  // sole traders since 2020
}

bool passes_polish(std::string_view digits) {
    constexpr std::array<int, 9> kWeights = {6, 5, 7, 2, 3, 4, 5, 6, 7};
    return weighted(digits, kWeights) % 11 == digits[9] - '0';
}

}  // namespace

bool is_lei(std::string_view text) {
    auto fits = [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
    return text.size() == 20 && std::ranges::all_of(text, fits) && is_digit(text[18]) && is_digit(text[19]) &&
           modulo_97(text) == 1;
}

std::optional<bool> check_vat(std::string_view text) {
    if (text.size() < 4) return false;
    const auto country = text.substr(0, 2), rest = text.substr(2);
    if (country == "BE") return is_number(rest, 10) && 97 - number(rest.substr(0, 8)) % 97 == number(rest.substr(8));
    if (country == "DE") return is_number(rest, 9) && passes_german(rest);
    if (country == "FR") {
        if (!is_number(rest, 11)) return std::nullopt;  // letters in the key follow no published rule
        return (12 + 3 * (number(rest.substr(2)) % 97)) % 97 == number(rest.substr(0, 2));
    }
    if (country == "IT") return is_number(rest, 11) && passes_luhn(rest);
    if (country == "LU") return is_number(rest, 8) && number(rest.substr(0, 6)) % 89 == number(rest.substr(6));
    if (country == "NL") return passes_dutch(rest);
    if (country == "PL") return is_number(rest, 10) && passes_polish(rest);
    return std::nullopt;
}

}  // namespace tributary::record
