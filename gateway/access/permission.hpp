// Permission: one for each kind of act. Whatever can be asked of a gateway from outside declares which one it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::access {

enum class Permission : std::uint8_t {
    session_open,
    account_own,
    status_read,
    metrics_read,
    report_read,
    connection_read,
    connection_change,
    customer_read,
    customer_change,
    customer_export,
    internal_read,
    personal_read,
    sensitive_read,
    analytics_export,
    consent_read,
    consent_write,
    queue_read,
    queue_change,
    sync_run,
    secret_read,
    secret_write,
    vault_rotate,
    audit_read,
    audit_export,
    user_read,
    user_manage,
    token_manage,
    approval_read,
    approval_decide,
    subject_read,
    subject_request,
    subject_approve,
    retention_change,
    backup_run,
    config_reload,
    alert_read,
    alert_change,
};

struct PermissionInfo {
    Permission permission;
    std::string_view name;   // "queue.change"
    std::string_view about;  // what it lets one do
    bool second_factor;      // a user needs a session that was opened with a second factor
    bool tokens;             // an API token may hold it
};

// In the order of the enum.
std::span<const PermissionInfo> all_permissions();
const PermissionInfo& info_of(Permission permission);
std::string_view name_of(Permission permission);
// bad_input names the nearest one.
Result<Permission> permission_named(std::string_view name);

class PermissionSet {
  public:
    constexpr PermissionSet() = default;
    constexpr PermissionSet(std::initializer_list<Permission> all) {
        for (auto one : all) add(one);
    }
    static PermissionSet everything();
    constexpr void add(Permission permission) { bits_ |= bit(permission); }
    constexpr bool has(Permission permission) const { return (bits_ & bit(permission)) != 0; }
    constexpr bool holds(PermissionSet other) const { return (other.bits_ & ~bits_) == 0; }
    constexpr bool empty() const { return bits_ == 0; }
    friend constexpr PermissionSet operator&(PermissionSet a, PermissionSet b) {
        return PermissionSet(a.bits_ & b.bits_);
    }
    friend constexpr PermissionSet operator|(PermissionSet a, PermissionSet b) {
        return PermissionSet(a.bits_ | b.bits_);
    }
    friend constexpr bool operator==(PermissionSet, PermissionSet) = default;

    // Names in the order of the enum, with a blank between them. Unknown names are left out when read back: a
    // permission that a newer program knew gives nothing here.
    std::string text() const;
    static PermissionSet from_text(std::string_view text);

  private:
    constexpr explicit PermissionSet(std::uint64_t bits) : bits_(bits) {}
    static constexpr std::uint64_t bit(Permission permission) { return 1ULL << static_cast<unsigned>(permission); }
    std::uint64_t bits_ = 0;
};

}  // namespace tributary::access
