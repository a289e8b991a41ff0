// A grant store in memory, with the promises of vault/grant.hpp. It also keeps the secrets.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "gateway/vault/grant.hpp"
#include "tests/unit/vault/memory_stores.hpp"

namespace tributary::fakes {

class MemoryGrants final : public vault::GrantStore {
  public:
    explicit MemoryGrants(vault::MemorySecretStore& secrets) : secrets_(secrets) {}
    Result<std::optional<vault::GrantState>> find_grant(std::string_view name) override {
        auto at = rows.find(std::string(name));
        return at == rows.end() ? std::nullopt : std::optional(at->second);
    }
    Result<std::vector<vault::GrantState>> list_grants() override {
        std::vector<vault::GrantState> all;
        for (const auto& [_, row] : rows) all.push_back(row);
        return all;
    }
    Result<std::optional<vault::GrantLease>> lease_grant(std::string_view name, std::uint64_t version,
                                                         const std::string& owner, Timestamp now,
                                                         Timestamp until) override {
        auto& row = rows[std::string(name)];
        row.name = name;
        if (row.version != version || row.leased(now)) return std::nullopt;
        row.lease_owner = owner;
        row.lease_until = until;
        return vault::GrantLease{row.name, version, ++row.fence};
    }
    Result<void> mark_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& mark,
                            Timestamp) override {
        auto* row = held(lease);
        if (!row) return stale();
        row->phase = phase;
        row->mark = mark;
        return {};
    }
    Result<void> release_grant(const vault::GrantLease& lease, vault::GrantPhase phase, const std::string& error,
                               Timestamp) override {
        auto* row = held(lease);
        if (!row) return stale();
        row->phase = phase;
        row->error = error;
        row->lease_until = {};
        return {};
    }
    Result<void> save_grant(const vault::GrantLease& lease, const vault::SealedSecret& secret, Timestamp) override {
        auto* row = held(lease);
        if (!row) return stale();
        if (before_save) before_save();
        CHECK_OK(put(secret));
        next(*row);
        return {};
    }
    Result<void> replace_grant(std::string_view name, const vault::SealedSecret& secret, Timestamp) override {
        CHECK_OK(put(secret));
        auto& row = rows[std::string(name)];
        row.name = name;
        ++row.fence;
        next(row);
        return {};
    }

    std::map<std::string, vault::GrantState> rows;
    std::function<void()> before_save;  // what happens just then

  private:
    vault::GrantState* held(const vault::GrantLease& lease) {
        auto at = rows.find(lease.name);
        if (at == rows.end() || at->second.version != lease.version || at->second.fence != lease.fence) return nullptr;
        return at->second.lease_until == Timestamp{} ? nullptr : &at->second;
    }
    static std::unexpected<Error> stale() { return fail(Fault::conflict, "stale", "grant"); }
    Result<void> put(const vault::SealedSecret& secret) {
        auto done = secrets_.put_secret(secret);
        if (!done) return pass(std::move(done), "secret " + secret.name);
        return done;
    }
    static void next(vault::GrantState& row) {
        ++row.version;
        row.phase = vault::GrantPhase::idle;
        row.mark.clear();
        row.error.clear();
        row.lease_until = {};
    }
    vault::MemorySecretStore& secrets_;
};

}  // namespace tributary::fakes
