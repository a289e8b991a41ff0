// Role: a job in the house, as a set of permissions. A user has one or several.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/permission.hpp"

namespace tributary::access {

// admin runs the installation, but does not see personal values; operator keeps data flowing; analyst sees counts and
// masked customers; auditor reads the trail; privacy_officer serves data subjects and sees their values.
enum class Role : std::uint8_t { admin, operations, analyst, auditor, privacy_officer };

std::span<const Role> all_roles();
// "operator" for operations, which C++ cannot name so.
std::string_view name_of(Role role);
// bad_input names the known ones.
Result<Role> role_named(std::string_view name);
PermissionSet permissions_of(Role role);

// Names with a blank between them, as the store keeps them.
std::string text_of(std::span<const Role> roles);
// Unknown names give no role.
std::vector<Role> roles_from_text(std::string_view text);

}  // namespace tributary::access
