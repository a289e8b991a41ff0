// check_value: whether a scalar stands in its canonical form. Internal to record.
#pragma once

#include <string_view>

#include "gateway/record/field.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

// The issue code, or empty. REQUIRES: the field's type is not object, map, or one with members.
std::string_view check_value(const Field& field, value::Node node);

}  // namespace tributary::record
