// Caller: who asks something of the gateway, and what they may do. Made anew for each request from the store's rows, so
// a change of rights holds from the next request on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/permission.hpp"
#include "gateway/access/role.hpp"

namespace tributary::access {

struct Caller {
    // local: whoever can read the admin token beside the store, which is the root of trust of one machine.
    enum class Kind : std::uint8_t { anonymous, local, user, token };

    Kind kind = Kind::anonymous;
    std::string name;  // of the user; of a token its id
    PermissionSet may;
    bool second_factor = false;    // of the session; tokens and the local operator count as having one
    std::string session;           // id of the session, for users
    std::vector<Role> roles = {};  // of a user

    // As audit entries name them: "user" or "service", and a name.
    std::string_view actor_type() const { return kind == Kind::token ? "service" : "user"; }
    std::string actor() const;
    bool is_user() const { return kind == Kind::user; }
};

// Everything but to be the second person of an approval: that is a named user.
Caller local_operator();
// May log in and nothing else.
Caller nobody();

// refused: the permission is missing, or the session lacks the second factor that it takes. unauthorized: nobody is
// logged in.
Result<void> check_permission(const Caller& caller, Permission permission);

}  // namespace tributary::access
