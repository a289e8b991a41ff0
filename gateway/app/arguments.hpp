// Reading the JSON arguments of an operation: wrong kinds are bad_input with the argument's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

Result<std::string> needed_text(value::Node arguments, std::string_view name);
Result<std::optional<std::string>> text_argument(value::Node arguments, std::string_view name);
Result<std::optional<std::int64_t>> integer_argument(value::Node arguments, std::string_view name);
Result<bool> flag_argument(value::Node arguments, std::string_view name);
Result<std::optional<Uid>> uid_argument(value::Node arguments, std::string_view name);
Result<std::optional<Timestamp>> time_argument(value::Node arguments, std::string_view name);

}  // namespace tributary::app
