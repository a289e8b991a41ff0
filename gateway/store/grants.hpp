// Grants: who renews the tokens of which secret. Contracts as in vault::GrantStore, whose stand-alone form is
// StoredGrants (store/vault_stores.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/vault/grant.hpp"

namespace tributary::store {

class GrantsView {
  public:
    virtual ~GrantsView() = default;
    virtual Result<std::optional<vault::GrantState>> find(std::string_view name) = 0;
    virtual Result<std::vector<vault::GrantState>> list() = 0;
};

class Grants : public virtual GrantsView {
  public:
    virtual Result<std::optional<vault::GrantLease>> lease(std::string_view name, std::uint64_t version,
                                                           const std::string& owner, Timestamp now,
                                                           Timestamp until) = 0;
    virtual Result<void> mark(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                              Timestamp now) = 0;
    virtual Result<void> release(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error,
                                 Timestamp now) = 0;
    // The next version of the tokens; the secret itself is put by the same transaction.
    virtual Result<void> advance(const vault::GrantLease& lease, Timestamp now) = 0;
    virtual Result<void> replace(std::string_view name, Timestamp now) = 0;
};

}  // namespace tributary::store
