#include "gateway/value/number.hpp"

#include <charconv>

namespace tributary::value {

namespace {

// Removes the leading digits; false when there is none.
bool eat_digits(std::string_view& rest) {
    const auto count = rest.find_first_not_of("0123456789");
    if (count == 0 || rest.empty()) return false;
    rest.remove_prefix(count == std::string_view::npos ? rest.size() : count);
    return true;
}

}  // namespace

bool is_json_number(std::string_view rest) {
    if (rest.starts_with('-')) rest.remove_prefix(1);
    if (rest.starts_with('0')) {
        rest.remove_prefix(1);
    } else if (!eat_digits(rest)) {
        return false;
    }
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        if (!eat_digits(rest)) return false;
    }
    if (rest.starts_with('e') || rest.starts_with('E')) {
        rest.remove_prefix(1);
        if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
        if (!eat_digits(rest)) return false;
    }
    return rest.empty();
}

std::optional<std::int64_t> exact_integer(std::string_view digits) {
    if (digits == "-0") return std::nullopt;
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}  // namespace tributary::value
