#include "gateway/record/generalise.hpp"

#include <algorithm>

namespace tributary::record {
namespace {

constexpr std::string_view kBeginning = "first_";

bool is_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The first `characters` of UTF-8 text, whole.
std::string_view beginning(std::string_view text, std::size_t characters) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
        if (starts && characters-- == 0) break;
    }
    return text.substr(0, at);
}

}  // namespace

Result<Generalisation> Generalisation::parse(std::string_view name) {
    if (name == "decade") return Generalisation{Kind::decade, 0};
    if (name == "year") return Generalisation{Kind::year, 0};
    if (name == "month") return Generalisation{Kind::month, 0};
    if (name.starts_with(kBeginning) && name.size() == kBeginning.size() + 1 && name.back() >= '1' &&
        name.back() <= '9')
        return Generalisation{Kind::beginning, static_cast<std::size_t>(name.back() - '0')};
    return fail(Fault::bad_input, "expected decade, year, month or first_1 to first_9", std::string(name));
}

std::string generalised(const Generalisation& how, value::Node value) {
    const auto text = value.scalar_text();
    if (how.kind == Generalisation::Kind::none) return text;
    if (how.kind == Generalisation::Kind::beginning) return std::string(beginning(text, how.length));
    // Dates and times begin with YYYY-MM; a date without a year with "--".
    if (text.size() < 4 || !is_digits(std::string_view(text).substr(0, 4))) return {};
    if (how.kind == Generalisation::Kind::year) return text.substr(0, 4);
    if (how.kind == Generalisation::Kind::decade) return text.substr(0, 3) + "0s";
    const bool has_month = text.size() >= 7 && text[4] == '-' && is_digits(std::string_view(text).substr(5, 2));
    return has_month ? text.substr(0, 7) : std::string();
}

}  // namespace tributary::record
