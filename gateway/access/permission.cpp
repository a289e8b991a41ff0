#include "gateway/access/permission.hpp"

#include <array>

#include "gateway/base/text.hpp"

namespace tributary::access {
namespace {

using enum Permission;

// name, what it allows, second factor, tokens
constexpr std::array kPermissionTable{
    PermissionInfo{session_open, "session.open", "log in", false, false},
    PermissionInfo{account_own, "account.own", "see and change one's own account, log out", false, false},
    PermissionInfo{status_read, "status.read", "see how streams and destinations are doing", false, true},
    PermissionInfo{metrics_read, "metrics.read", "read metrics, where the configuration asks for it", false, true},
    PermissionInfo{report_read, "report.read", "read reports that hold counts alone", false, true},
    PermissionInfo{connection_read, "connection.read", "see connections and their subscriptions", false, true},
    PermissionInfo{connection_change, "connection.change", "log in at a provider, change subscriptions", true, true},
    PermissionInfo{customer_read, "customer.read", "see customers, as far as one may see fields", false, true},
    PermissionInfo{customer_change, "customer.change", "link and separate records", false, true},
    PermissionInfo{customer_export, "customer.export", "take many customers out", true, true},
    PermissionInfo{internal_read, "internal.read", "see values of class P1 unmasked", false, true},
    PermissionInfo{personal_read, "personal.read", "see personal values (P2) unmasked, for a purpose", true, true},
    PermissionInfo{sensitive_read, "sensitive.read", "see sensitive values (P3) beside personal ones", true, true},
    PermissionInfo{analytics_export, "analytics.export", "take pseudonymous or anonymous data out", false, true},
    PermissionInfo{consent_read, "consent.read", "see consent events", false, true},
    PermissionInfo{consent_write, "consent.write", "record consent events", false, true},
    PermissionInfo{queue_read, "queue.read", "see what waits and what failed", false, true},
    PermissionInfo{queue_change, "queue.change", "pause, resume, redrive, drop", false, true},
    PermissionInfo{sync_run, "sync.run", "run and reset sync jobs", false, true},
    PermissionInfo{secret_read, "secret.read", "see names of secrets, never values", false, true},
    PermissionInfo{secret_write, "secret.write", "set and remove secrets", true, true},
    PermissionInfo{vault_rotate, "vault.rotate", "rotate and destroy keys", true, false},
    PermissionInfo{audit_read, "audit.read", "verify the audit trail, prove entries", false, true},
    PermissionInfo{audit_export, "audit.export", "read the audit trail's entries", true, true},
    PermissionInfo{user_read, "user.read", "see users and tokens, never what opens them", false, false},
    PermissionInfo{user_manage, "user.manage", "add, change and remove users", true, false},
    PermissionInfo{token_manage, "token.manage", "give out and revoke API tokens", true, false},
    PermissionInfo{approval_read, "approval.read", "see what waits for a second person", false, true},
    PermissionInfo{approval_decide, "approval.decide", "be the second person", true, false},
    PermissionInfo{subject_read, "subject.read", "see requests of data subjects", false, true},
    PermissionInfo{subject_request, "subject.request", "file and carry on requests of data subjects", true, true},
    PermissionInfo{subject_approve, "subject.approve", "decide requests of data subjects", true, false},
    PermissionInfo{retention_change, "retention.change", "run retention, set and lift legal holds", true, true},
    PermissionInfo{backup_run, "backup.run", "make and check backups", false, true},
    PermissionInfo{config_reload, "config.reload", "read the configuration anew", false, true},
    PermissionInfo{alert_read, "alert.read", "see alerts", false, true},
    PermissionInfo{alert_change, "alert.change", "settle alerts", false, true},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kPermissionTable.size(); ++i)
        if (static_cast<std::size_t>(kPermissionTable[i].permission) != i) return false;
    return kPermissionTable.size() == static_cast<std::size_t>(alert_change) + 1 && kPermissionTable.size() <= 64;
}
static_assert(in_order(), "every permission has its row, in the order of the enum");

}  // namespace

std::span<const PermissionInfo> all_permissions() {
    return kPermissionTable;
}

const PermissionInfo& info_of(Permission permission) {
    return kPermissionTable[static_cast<std::size_t>(permission)];
}

std::string_view name_of(Permission permission) {
    return info_of(permission).name;
}

Result<Permission> permission_named(std::string_view name) {
    std::vector<std::string> known;
    for (const auto& one : kPermissionTable) {
        if (one.name == name) return one.permission;
        known.emplace_back(one.name);
    }
    const auto near = nearest(name, known);
    return fail(
        Fault::bad_input,
        near ? "is no permission: did you mean " + *near + "?" : "is no permission; known: " + join(known, ", "),
        std::string(name));
}

PermissionSet PermissionSet::everything() {
    PermissionSet all;
    for (const auto& one : kPermissionTable) all.add(one.permission);
    return all;
}

std::string PermissionSet::text() const {
    std::string text;
    for (const auto& one : kPermissionTable)
        if (has(one.permission)) text.append(text.empty() ? "" : " ").append(one.name);
    return text;
}

PermissionSet PermissionSet::from_text(std::string_view text) {
    PermissionSet set;
    for (const auto name : split(text, ' '))
        for (const auto& one : kPermissionTable)
            if (one.name == name) set.add(one.permission);
    return set;
}

}  // namespace tributary::access
