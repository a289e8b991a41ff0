// Passwords of users, kept as PHC strings of scrypt: "$scrypt$ln=17,r=8,p=1$salt$hash". One check costs about 0.3 s.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"

namespace tributary::crypto {

Result<std::string> hash_password(std::string_view password, Random& random);
// False too when `stored` is not a PHC string of ours or asks for more than ln=20.
bool password_matches(std::string_view password, std::string_view stored);

}  // namespace tributary::crypto
