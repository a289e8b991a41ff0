#include "gateway/access/reading_rules.hpp"

#include <algorithm>

namespace tributary::access {
namespace {

bool is_open(const std::vector<std::string>& purposes, std::string_view purpose) {
    return purposes.empty() || std::ranges::find(purposes, purpose) != purposes.end();
}

}  // namespace

bool may_read_for(const ReadingRules& rules, const Caller& caller, Permission permission, std::string_view purpose) {
    if (caller.kind == Caller::Kind::token) return is_open(rules.tokens, purpose);
    if (!caller.is_user()) return is_open(rules.users, purpose);
    return std::ranges::any_of(caller.roles, [&](Role role) {
        if (!permissions_of(role).has(permission)) return false;
        const auto of_role = rules.roles.find(role);
        return is_open(of_role == rules.roles.end() ? rules.users : of_role->second, purpose);
    });
}

}  // namespace tributary::access
