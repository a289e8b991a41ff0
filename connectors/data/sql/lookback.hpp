// Look-back: a cursor value made a little earlier, for rows that were committed late with an early time. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/sql_settings.hpp"

namespace tributary::connectors::sql {

// nullopt: the stream has no look-back, or the value is of another kind than its look-back.
std::optional<Parameter> look_back(const Stream& stream, const Parameter& cursor);

// "2024-01-31 23:59:59.123+00" earlier by whole seconds, rounded up, in the same shape: separator, fraction digits and
// zone stay. Dates without a time go back by whole days, rounded up. nullopt for anything else.
std::optional<std::string> earlier_time(std::string_view time, std::int64_t milliseconds);

}  // namespace tributary::connectors::sql
