// Grant: what a person allowed us at a provider: tokens that we renew by a refresh token. The tokens lie sealed in a
// secret; beside them lies a row that tells every process who renews them now, so that one does and only once.
// GrantStore is what the vault needs of a durable store for it; refresh_protocol.hpp says who does what when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/vault/key_store.hpp"

namespace tributary::vault {

enum class GrantPhase : std::uint8_t {
    idle,
    refreshing,   // a call with the refresh token has begun; without a lease: its answer was lost
    needs_login,  // the provider refused the refresh token, or its fate is unknown: a person has to log in again
};
std::string_view name_of(GrantPhase phase);

struct GrantState {
    std::string name;           // of the secret that holds the tokens
    std::uint64_t version = 0;  // grows with every set of tokens; 0: none yet
    GrantPhase phase = GrantPhase::idle;
    // Which refresh token the phase is about, as mark_of() gives it: with another one the phase means nothing.
    std::string mark;
    std::string lease_owner;
    std::uint64_t fence = 0;  // grows with every lease and every login; a write with an older one is refused
    Timestamp lease_until{};
    Timestamp changed{};
    std::string error;  // why a login is needed, or why the last refresh failed

    bool leased(Timestamp now) const { return now < lease_until; }
};

// A lease on the tokens of one version.
struct GrantLease {
    std::string name;
    std::uint64_t version = 0;
    std::uint64_t fence = 0;
};

class GrantStore {
  public:
    virtual ~GrantStore() = default;
    virtual Result<std::optional<GrantState>> find_grant(std::string_view name) = 0;
    virtual Result<std::vector<GrantState>> list_grants() = 0;  // by name
    // nullopt while another holds it, or when the version is no longer this one. Makes the row for version 0.
    virtual Result<std::optional<GrantLease>> lease_grant(std::string_view name, std::uint64_t version,
                                                          const std::string& owner, Timestamp now, Timestamp until) = 0;
    // The phase, for a lease that is kept. Fault::conflict when it is stale.
    virtual Result<void> mark_grant(const GrantLease& lease, GrantPhase phase, const std::string& mark,
                                    Timestamp now) = 0;
    // Gives the lease back. Fault::conflict when it is stale.
    virtual Result<void> release_grant(const GrantLease& lease, GrantPhase phase, const std::string& error,
                                       Timestamp now) = 0;
    // One transaction: the next version, idle, without a lease, and its tokens. Fault::conflict when the lease is stale
    // or the secret changed meanwhile; the text then names the secret.
    virtual Result<void> save_grant(const GrantLease& lease, const SealedSecret& secret, Timestamp now) = 0;
    // The same for a login, whoever holds a lease: every lease before is stale.
    virtual Result<void> replace_grant(std::string_view name, const SealedSecret& secret, Timestamp now) = 0;
};

}  // namespace tributary::vault
