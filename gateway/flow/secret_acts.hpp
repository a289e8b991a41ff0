// SecretActs: changes of secrets by somebody, each with its audit entry in the same transaction. Names and versions are
// told, never a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::flow {

// Blocks. What it is given outlives it.
class SecretActs {
  public:
    // `actor_type` and `actor` as in flow/audit_entry.hpp.
    SecretActs(store::Store& store, vault::Vault& vault, const Clock& clock, std::string actor_type, std::string actor)
        : store_(store), vault_(vault), clock_(clock), actor_type_(std::move(actor_type)), actor_(std::move(actor)) {}

    // Adds or replaces fields and keeps the others; the new version. Done again, a few times, when another call changed
    // the same secret meanwhile: of two that set different fields none is lost.
    Result<std::uint32_t> set(const std::string& name, const vault::SecretFields& fields,
                              const std::optional<vault::Binding>& binding = std::nullopt) const;
    Result<void> remove(const std::string& name) const;

  private:
    store::Store& store_;
    vault::Vault& vault_;
    const Clock& clock_;
    std::string actor_type_, actor_;
};

}  // namespace tributary::flow
