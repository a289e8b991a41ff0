// Issue: one thing that is wrong with one field of one record. It never holds the value.
#pragma once

#include <string>

namespace tributary::record {

struct Issue {
    std::string path;     // in the canonical record: "lines[2].unit_price"; a Converter leaves it to its caller
    std::string code;     // stable and countable: "phone_invalid", "required", "text_too_long"
    std::string message;  // for people: what is wrong and what would be right; lower case, no value
};

}  // namespace tributary::record
