// Which passwords are taken. Length counts most: 12 characters beside a second factor, 15 alone. What people and lists
// of breaches use most is refused by its shape: a common word with digits and signs around it, a saying, rows of the
// keyboard, repetitions, the user's own name. Pure; flow/breached_passwords.hpp knows passwords one by one.
#pragma once

#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::access {

constexpr std::size_t kShortestBesideFactor = 12, kShortestAlone = 15, kLongestPassword = 256;

// bad_input says what would be right, never a part of the password.
Result<void> check_password(std::string_view password, std::string_view user, bool second_factor);

}  // namespace tributary::access
