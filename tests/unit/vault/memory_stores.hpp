// The vault's stores in memory, with the promises of vault/key_store.hpp.
#pragma once

#include <map>
#include <string>

#include "gateway/vault/key_store.hpp"

namespace tributary::vault {

class MemoryKeyStore final : public KeyStore {
  public:
    Result<std::vector<std::optional<WrappedKey>>> subject_keys(std::span<const Uid> subjects) override {
        ++reads;
        std::vector<std::optional<WrappedKey>> found;
        for (const auto& subject : subjects) {
            auto at = rows.find(subject);
            found.push_back(at == rows.end() ? std::nullopt : std::optional(at->second));
        }
        return found;
    }
    void rewrap(std::vector<Rewrapped> keys) override {
        for (auto& [before, after] : keys)
            if (auto at = rows.find(before.subject); at != rows.end() && at->second.wrapped == before.wrapped)
                at->second = std::move(after);
    }
    // What a transaction does with SubjectKeyBatch::fresh().
    Result<void> put(std::span<const WrappedKey> keys) {
        for (const auto& key : keys)
            if (auto at = rows.find(key.subject); at != rows.end() && at->second.wrapped != key.wrapped)
                return fail(Fault::conflict, "another key is kept for this subject");
        for (const auto& key : keys) rows.emplace(key.subject, key);
        return {};
    }
    std::map<Uid, WrappedKey> rows;
    int reads = 0;
};

class MemorySecretStore final : public SecretStore {
  public:
    Result<void> put_secret(const SealedSecret& secret) override {
        auto at = rows.find(secret.name);
        if ((at == rows.end() ? 0 : at->second.version) + 1 != secret.version)
            return fail(Fault::conflict, "the secret was changed meanwhile");
        rows[secret.name] = secret;
        return {};
    }
    Result<std::optional<SealedSecret>> find_secret(std::string_view name) override {
        ++reads;
        if (away) return fail(Fault::transient, "the database does not answer");
        auto at = rows.find(std::string(name));
        return at == rows.end() ? std::nullopt : std::optional(at->second);
    }
    Result<std::vector<SealedSecret>> list_secrets() override {
        if (away) return fail(Fault::transient, "the database does not answer");
        std::vector<SealedSecret> all;
        for (const auto& [name, secret] : rows) all.push_back(secret);
        return all;
    }
    Result<void> remove_secret(std::string_view name) override {
        if (rows.erase(std::string(name)) == 0) return fail(Fault::not_found, "there is no secret of this name");
        return {};
    }
    std::map<std::string, SealedSecret> rows;
    int reads = 0;
    bool away = false;  // finds nothing out
};

}  // namespace tributary::vault
