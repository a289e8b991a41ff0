// Generalisation: a value made coarser, so that it fits more people. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

struct Generalisation {
    enum class Kind : std::uint8_t { none, decade, year, month, beginning };
    Kind kind = Kind::none;
    std::size_t length = 0;  // of a beginning, in characters

    // "decade", "year", "month" of dates and times; "first_3" of texts, up to 9. bad_input names them.
    static Result<Generalisation> parse(std::string_view name);
    friend bool operator==(const Generalisation&, const Generalisation&) = default;
};

// Empty where the value has no such part: a date without a year, a missing value.
std::string generalised(const Generalisation& how, value::Node value);

}  // namespace tributary::record
