#include "gateway/access/accounts.hpp"

#include <algorithm>

#include "gateway/base/ascii.hpp"

namespace tributary::access {

bool Attempts::locked(Timestamp now) const {
    return wrong >= kMostWrong && now < since + kWrongWindow && now >= since;
}

Attempts Attempts::after_wrong(Timestamp now) const {
    // A clock that was set back begins a new series: it must not lock anybody for years.
    if (wrong == 0 || now >= since + kWrongWindow || now < since) return {1, now};
    return {wrong + 1, since};
}

PermissionSet User::permissions() const {
    PermissionSet all;
    for (auto role : roles) all = all | permissions_of(role);
    return all;
}

Result<void> check_user_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (is_letter(c) && !(c >= 'A' && c <= 'Z')) || is_digit(c) || std::string_view("._-@").contains(c);
    };
    const bool right =
        name.size() >= 2 && name.size() <= 64 && is_letter(name.front()) && std::ranges::all_of(name, allowed);
    if (!right)
        return fail(Fault::bad_input, "a user's name is 2 to 64 small letters, digits and . _ - @, with a letter first",
                    "name");
    return {};
}

Result<void> check_token_scope(PermissionSet scope) {
    if (scope.empty()) return fail(Fault::bad_input, "a token takes at least one permission", "permissions");
    for (const auto& one : all_permissions())
        if (scope.has(one.permission) && !one.tokens)
            return fail(Fault::bad_input, "no token may hold it: it takes a user's session", std::string(one.name));
    return {};
}

}  // namespace tributary::access
