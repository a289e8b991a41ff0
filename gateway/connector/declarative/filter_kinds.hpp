// The kinds of filters, one file each; filter.cpp knows which name is of which kind. Private to it.
#pragma once

#include <string>

#include "gateway/connector/declarative/filter.hpp"

namespace tributary::connector::filters {

using Found = Scope::Found;

// The value as text; a list or an object is bad_input.
Result<std::string> scalar(const Filter& filter, const Found& value);
Found made(value::Builder& builder, value::Document& kept);

Result<Found> on_list(const Filter& filter, const Found& value, const Scope& scope, value::Document& kept);
Result<std::string> on_text(const Filter& filter, const std::string& text, const Scope& scope);

// The moment in `text` as a platform writes it, by the wall clock of a zone when one is named.
Result<Found> moment_as(const Filter& filter, const std::string& text, value::Document& kept);
Result<std::string> later(const std::string& text, const std::string& duration);
// The arguments of `time`. bad_config.
Result<void> check_time(const Filter& filter);

}  // namespace tributary::connector::filters
