#include "gateway/consent/minor.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace tributary::consent {
namespace {

constexpr int kUnlisted = 16;

constexpr std::array<std::pair<std::string_view, int>, 29> kAges{{
    {"AT", 14}, {"BE", 13}, {"BG", 14}, {"CN", 14}, {"CY", 14}, {"CZ", 15}, {"DE", 16}, {"DK", 15},
    {"EE", 13}, {"ES", 14}, {"FI", 13}, {"FR", 15}, {"GB", 13}, {"GR", 15}, {"HR", 16}, {"HU", 16},
    {"IE", 16}, {"IT", 14}, {"LT", 14}, {"LU", 16}, {"LV", 13}, {"MT", 13}, {"NL", 16}, {"PL", 16},
    {"PT", 13}, {"RO", 16}, {"SE", 13}, {"SK", 16}, {"US", 13},
}};

}  // namespace

int age_of_consent(std::string_view jurisdiction) {
    auto country = jurisdiction.substr(0, 2);
    const auto* found = std::ranges::find(kAges, country, &std::pair<std::string_view, int>::first);
    return found == kAges.end() ? kUnlisted : found->second;
}

bool is_minor(const record::PartialDate& birth, std::string_view jurisdiction, Timestamp now) {
    if (birth.year == 0) return false;
    namespace chr = std::chrono;
    auto month = static_cast<unsigned>(birth.month ? birth.month : 12);
    int last = record::days_in_month(birth.year, static_cast<int>(month));
    auto day = static_cast<unsigned>(birth.day ? birth.day : last);
    auto today = chr::year_month_day(chr::floor<chr::days>(now));
    int age = int{today.year()} - birth.year;
    if (std::pair(unsigned{today.month()}, unsigned{today.day()}) < std::pair(month, day)) --age;
    return age < age_of_consent(jurisdiction);
}

}  // namespace tributary::consent
