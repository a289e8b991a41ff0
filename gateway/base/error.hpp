// Error: what went wrong, where, and (by its Fault) what the caller may do.
// The text is shown to operators and stored: it never holds a secret or a personal value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "gateway/base/fault.hpp"

namespace tributary {

struct Error {
    Fault fault = Fault::internal;
    std::string what;   // lower case, no trailing dot, says what would be right
    std::string where;  // outermost place first: "connection webshop: orders: record 42: total"
    // A hint of the other side: not before this much time has passed.
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt;

    // Adds an outer place; `fail(...).in("record 42").in("connection shop")` reads from the inside out.
    Error in(std::string_view place) &&;

    // "where: what", the form printed to people.
    std::string text() const;
};

}  // namespace tributary
