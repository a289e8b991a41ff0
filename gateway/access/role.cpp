#include "gateway/access/role.hpp"

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"

namespace tributary::access {
namespace {

using enum Permission;

constexpr std::array kRoles{Role::admin, Role::operations, Role::analyst, Role::auditor, Role::privacy_officer};
constexpr std::array<std::string_view, kRoles.size()> kRoleNames{"admin", "operator", "analyst", "auditor",
                                                                 "privacy_officer"};
// What everybody with an account may do.
constexpr PermissionSet kEverybody{session_open, account_own, status_read};

constexpr PermissionSet kAdmin{metrics_read, report_read,   connection_read, connection_change, customer_read,
                               consent_read, queue_read,    queue_change,    sync_run,          secret_read,
                               secret_write, vault_rotate,  audit_read,      user_read,         user_manage,
                               token_manage, approval_read, approval_decide, subject_read,      retention_change,
                               backup_run,   config_reload, alert_read,      alert_change};
constexpr PermissionSet kOperator{metrics_read,  report_read,   connection_read, connection_change,
                                  customer_read, internal_read, customer_change, consent_read,
                                  queue_read,    queue_change,  sync_run,        secret_read,
                                  backup_run,    config_reload, alert_read,      alert_change};
constexpr PermissionSet kAnalyst{metrics_read,  report_read,  customer_read,
                                 internal_read, consent_read, analytics_export};
constexpr PermissionSet kAuditor{report_read, connection_read, secret_read,  audit_read,   audit_export,
                                 user_read,   approval_read,   subject_read, consent_read, alert_read};
constexpr PermissionSet kPrivacyOfficer{
    report_read,     customer_read, customer_change, customer_export, internal_read,    personal_read,
    sensitive_read,  consent_read,  consent_write,   queue_read,      audit_read,       approval_read,
    approval_decide, subject_read,  subject_request, subject_approve, retention_change, alert_read};

}  // namespace

std::span<const Role> all_roles() {
    return kRoles;
}

std::string_view name_of(Role role) {
    return kRoleNames[static_cast<std::size_t>(role)];
}

Result<Role> role_named(std::string_view name) {
    for (auto role : kRoles)
        if (name_of(role) == name) return role;
    return fail(Fault::bad_input,
                "is no role; known: " + join(std::vector<std::string>(kRoleNames.begin(), kRoleNames.end()), ", "),
                std::string(name));
}

PermissionSet permissions_of(Role role) {
    switch (role) {
        case Role::admin:
            return kEverybody | kAdmin;
        case Role::operations:
            return kEverybody | kOperator;
        case Role::analyst:
            return kEverybody | kAnalyst;
        case Role::auditor:
            return kEverybody | kAuditor;
        case Role::privacy_officer:
            return kEverybody | kPrivacyOfficer;
    }
    return {};
}

std::string text_of(std::span<const Role> roles) {
    std::vector<std::string> names;
    for (auto role : roles) names.emplace_back(name_of(role));
    return join(names, " ");
}

std::vector<Role> roles_from_text(std::string_view text) {
    std::vector<Role> roles;
    for (const auto name : split(text, ' '))
        if (const auto at = std::ranges::find(kRoleNames, name); at != kRoleNames.end())
            roles.push_back(kRoles[static_cast<std::size_t>(at - kRoleNames.begin())]);
    return roles;
}

}  // namespace tributary::access
