#include "gateway/record/phone_plans.hpp"

#include <array>

namespace tributary::record {

namespace {

// Left out: plans in which mobiles and landlines share prefixes, and prefixes that several regions share.
constexpr NumberPlan kPlans[] = {
    {"27", "ZA", '0', "6 71 72 73 74 76 78 79 82 83 84", {9, 9}, "11 12 21 31 41 51", {9, 9}},
    {"30", "GR", 0, "69", {10, 10}, "21 22 23 24 25 26 27 28", {10, 10}},
    {"31",
     "NL",
     '0',
     "61 62 63 64 65 68",
     {9, 9},
     "10 13 15 20 23 24 26 30 33 35 36 38 40 43 45 46 50 53 55 58 70 71 72 73 74 75 76 77 78 79",
     {9, 9}},
    {"32", "BE", '0', "46 47 48 49", {9, 9}, "2 3 9", {8, 8}},
    {"33", "FR", '0', "6 73 74 75 76 77 78", {9, 9}, "1 2 3 4 5", {9, 9}},
    {"34", "ES", 0, "6 71 72 73 74", {9, 9}, "81 82 83 84 85 86 87 88 91 92 93 94 95 96 97 98", {9, 9}},
    {"36", "HU", 0, "20 30 70", {9, 9}, "1", {8, 8}},
    {"39", "IT", 0, "32 33 34 36 37 38 39", {10, 10}},
    {"40", "RO", '0', "72 73 74 75 76 77 78", {9, 9}, "21 31", {9, 9}},
    {"41", "CH", '0', "75 76 77 78 79", {9, 9}, "21 22 24 26 27 31 32 33 34 41 43 44 52 55 56 61 62 71 81 91", {9, 9}},
    {"420", "CZ", 0, "60 72 73 77", {9, 9}, "2 31 32 35 37 38 39 41 46 47 48 49 51 53 54 55 56 57 58 59", {9, 9}},
    {"43", "AT", '0', "66 67 68 69", {10, 11}, "12 13 14 15 16 17 18", {7, 12}},
    {"44", "GB", '0', "", {}, "20 23 24 28 29 11", {10, 10}},
    {"46", "SE", '0', "70 72 73 76 79", {9, 9}, "8", {8, 9}},
    {"47", "NO", 0, "41 45 46 47 48 90 91 92 93 94 95 97 98 99", {8, 8}, "22 23 32 33 51 55", {8, 8}},
    {"48",
     "PL",
     0,
     "50 51 53 60 66 69 72 73 78 79 88",
     {9, 9},
     "12 13 14 15 16 17 18 22 23 24 25 29 32 33 34 41 42 43 44 46 48 52 54 55 56 58 59 61 62 63 65 67 68 71 74 75 76 "
     "77 81 82 83 84 85 86 87 89 91 94 95",
     {9, 9}},
    {"49",
     "DE",
     '0',
     "15 16 17",
     {10, 11},
     "2 30 33 34 35 36 37 38 39 4 5 6 71 72 73 74 75 76 77 78 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 "
     "99",
     {7, 11}},
    {"351", "PT", 0, "91 92 93 96", {9, 9}, "2", {9, 9}},
    {"353", "IE", '0', "83 85 86 87 89", {9, 9}, "1", {8, 8}},
    {"62", "ID", '0', "81", {9, 12}},
    {"64", "NZ", '0', "", {}, "3 4 6 7 9", {8, 8}},
    {"65", "SG", 0, "81 82 83 84 85 86 87 90 91 92 93 94 96 97 98", {8, 8}, "6", {8, 8}},
    {"81", "JP", '0', "70 80 90", {10, 10}, "3 6", {9, 9}},
    {"82", "KR", '0', "10", {10, 10}},
    {"852", "HK", 0, "51 53 54 55 56 59 6 90 91 92 93 94 95 96 97 98", {8, 8}, "2", {8, 8}},
    {"86", "CN", '0', "13 14 15 16 17 18 19", {11, 11}, "10 20 21 22 23 24 25 27 28 29", {10, 10}},
    {"90", "TR", '0', "53 54 55", {10, 10}, "21 22 23 24 25 26 27 28 31 32 33 34 35 36 37 38", {10, 10}},
    {"971", "AE", '0', "50 52 54 55 56 58", {9, 9}, "2 3 4 6 7 9", {8, 8}},
    {"972", "IL", '0', "50 52 53 54 58", {9, 9}, "2 3 4 8 9", {8, 8}}};
constexpr std::size_t kCount = std::size(kPlans);

constexpr std::size_t digit(char c) {
    return static_cast<std::size_t>(c - '0');
}

// What two national digits say, for each plan.
constexpr auto kKinds = [] {
    std::array<std::array<PhoneKind, 100>, kCount> kinds{};
    const auto mark = [](auto& table, std::string_view prefixes, PhoneKind kind) {
        while (!prefixes.empty()) {
            const auto prefix = prefixes.substr(0, prefixes.find(' '));
            const auto first = digit(prefix[0]) * 10;
            if (prefix.size() == 2)
                table[first + digit(prefix[1])] = kind;
            else
                for (std::size_t second = 0; second < 10; ++second) table[first + second] = kind;
            prefixes.remove_prefix(prefix.size() < prefixes.size() ? prefix.size() + 1 : prefix.size());
        }
    };
    for (std::size_t i = 0; i < kCount; ++i) {
        mark(kinds[i], kPlans[i].mobile, PhoneKind::mobile);
        mark(kinds[i], kPlans[i].landline, PhoneKind::landline);
    }
    return kinds;
}();

// Plan plus one by the first three digits of an international number: calling codes are prefix-free.
constexpr auto kByDigits = [] {
    std::array<std::uint8_t, 1000> plans{};
    for (std::size_t i = 0; i < kCount; ++i) {
        const auto code = kPlans[i].code;
        const auto first = digit(code[0]) * 100 + digit(code[1]) * 10;
        const auto from = code.size() == 3 ? first + digit(code[2]) : first;
        for (auto at = from; at < from + (code.size() == 3 ? 1 : 10); ++at)
            plans[at] = static_cast<std::uint8_t>(i + 1);
    }
    return plans;
}();

}  // namespace

const NumberPlan* plan_of_number(std::string_view digits) {
    if (digits.size() < 7) return nullptr;
    const auto found = kByDigits[digit(digits[0]) * 100 + digit(digits[1]) * 10 + digit(digits[2])];
    return found ? &kPlans[found - 1U] : nullptr;
}

const NumberPlan* plan_of_region(std::string_view region) {
    for (const auto& plan : kPlans)
        if (plan.region == region) return &plan;
    return nullptr;
}

PhoneKind kind_of(const NumberPlan& plan, std::string_view national) {
    if (national.size() < 2) return PhoneKind::unknown;
    const auto kind = kKinds[static_cast<std::size_t>(&plan - kPlans)][digit(national[0]) * 10 + digit(national[1])];
    if (kind == PhoneKind::unknown) return kind;
    const auto [least, most] = kind == PhoneKind::mobile ? plan.mobile_digits : plan.landline_digits;
    return national.size() >= least && national.size() <= most ? kind : PhoneKind::unknown;
}

}  // namespace tributary::record
