// Number plans: what the digits of a number tell without a library, for the countries whose plans say it in the first
// two national digits. Only what is sure is in the table; for the rest find_number_plan and kind_of say nothing.
// Source: ITU-T E.164 calling codes and the national numbering plans published by the regulators.
#pragma once

#include <cstdint>
#include <string_view>

namespace tributary::record {

struct Lengths {
    std::uint8_t least = 0, most = 0;  // national digits, without the trunk prefix
};

struct NumberPlan {
    std::string_view code, region;
    char trunk = 0;             // what national numbers begin with inside the country; 0: nothing
    std::string_view mobile{};  // first one or two national digits, with spaces between
    Lengths mobile_digits{};
    std::string_view landline{};
    Lengths landline_digits{};
};

enum class PhoneKind : std::uint8_t { unknown, mobile, landline };

// By the digits of an international number, or by an alpha-2 code in capitals; nullptr when there is none.
const NumberPlan* plan_of_number(std::string_view digits);
const NumberPlan* plan_of_region(std::string_view region);
// `national`: digits without calling code and trunk prefix. unknown: not in the plan, or of another length.
PhoneKind kind_of(const NumberPlan& plan, std::string_view national);

}  // namespace tributary::record
