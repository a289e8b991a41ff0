// ReadingRules: for which purposes somebody may read or take out personal values (E7). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/caller.hpp"

namespace tributary::access {

// An empty list means every purpose.
struct ReadingRules {
    std::map<Role, std::vector<std::string>> roles;  // of users; a role that is not here has `users`
    std::vector<std::string> users;                  // the local operator too
    std::vector<std::string> tokens;
};

// A user may what one of the roles may that the permission comes from: another job of theirs opens nothing here.
bool may_read_for(const ReadingRules& rules, const Caller& caller, Permission permission, std::string_view purpose);

}  // namespace tributary::access
