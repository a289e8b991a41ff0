#include "gateway/access/caller.hpp"

namespace tributary::access {

std::string Caller::actor() const {
    switch (kind) {
        case Kind::anonymous:
            return "nobody";
        case Kind::local:
            return "local operator";
        case Kind::user:
            return name;
        case Kind::token:
            return "token " + name;
    }
    return name;
}

Caller local_operator() {
    PermissionSet all;
    for (const auto& one : all_permissions())
        if (one.permission != Permission::approval_decide && one.permission != Permission::account_own)
            all.add(one.permission);
    return {.kind = Caller::Kind::local, .may = all, .second_factor = true};
}

Caller nobody() {
    return {.may = {Permission::session_open}};
}

Result<void> check_permission(const Caller& caller, Permission permission) {
    const auto& info = info_of(permission);
    const std::string name(info.name);
    if (!caller.may.has(permission)) {
        if (caller.kind == Caller::Kind::anonymous)
            return fail(Fault::unauthorized, "needs a bearer token, of a session or of the API", "authorization");
        return fail(Fault::refused, "this takes the permission " + name, "permission");
    }
    if (info.second_factor && !caller.second_factor)
        return fail(Fault::refused,
                    "the permission " + name +
                        " takes a session that was opened with a second factor: set one up with "
                        "account.totp and log in again",
                    "permission");
    return {};
}

}  // namespace tributary::access
