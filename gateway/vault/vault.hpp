// Vault: secrets by name, each a few named fields, sealed with a key of their own for each version. Values come out as
// SecretBytes and never into an error, a log or a listing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/vault/key_ring.hpp"
#include "gateway/vault/key_store.hpp"
#include "gateway/vault/secret_fields.hpp"

namespace tributary::vault {

struct Secret {
    SecretFields fields;
    Binding binding;
    std::uint32_t version = 0;
};

// What may be shown of a secret.
struct SecretInfo {
    std::string name;
    std::vector<std::string> fields;
    Binding binding;
    std::uint32_t version = 0;
    Timestamp created, updated;
};

// Safe from several threads. Keeps references: store, ring, random and clock outlive it.
// What was opened is kept for a minute, so a webhook costs no database read: a change by this process counts at once,
// one by another within that minute. From the first refresh() on it is kept until a refresh() finds another one: who
// calls that every few seconds may use a secret again on a loop, which matters most while the store does not answer.
class Vault {
  public:
    Vault(SecretStore& store, const KeyRing& ring, crypto::Random& random, const Clock& clock);
    ~Vault();

    // Replaces the whole secret; its new version. Names and fields are 1 to 100 of letters, digits and
    // _ . / -, else bad_input; conflict when another call changed it meanwhile.
    Result<std::uint32_t> set(std::string_view name, SecretFields fields, Binding binding = {});
    // Adds or replaces fields and keeps the others and the binding; makes the secret when there is none.
    Result<std::uint32_t> update(std::string_view name, SecretFields fields);
    // What update() would store, for a transaction that writes more than this; forget() the name when it is done. A
    // binding replaces the one before.
    Result<SealedSecret> seal_update(std::string_view name, SecretFields fields,
                                     const std::optional<Binding>& binding = std::nullopt);
    void forget(std::string_view name);
    // Reads anew what is kept before its time is over. While the store does not answer what was opened last stays good.
    // Blocks, for as long as the store takes to give up.
    void refresh();
    Result<void> remove(std::string_view name);

    // not_found when there is no such secret or field: the text names those there are.
    Result<Secret> open(std::string_view name) const;
    // The same past what is kept of it: for what other processes change.
    Result<Secret> open_newest(std::string_view name) const;
    Result<crypto::SecretBytes> get(std::string_view name, std::string_view field) const;
    // The inside of ${secret:...}: "name#field", or "name" alone when the secret has just one field.
    Result<crypto::SecretBytes> resolve(std::string_view reference) const;
    Result<std::vector<SecretInfo>> list() const;

  private:
    Result<SealedSecret> seal(std::string_view name, const SecretFields& fields, Binding binding,
                              const std::optional<SealedSecret>& before);
    Result<std::uint32_t> put(const SealedSecret& secret);
    Result<Secret> unseal(const SealedSecret& sealed) const;
    Result<std::shared_ptr<const Secret>> fetch(std::string_view name) const;
    struct Opened;
    SecretStore& store_;
    const KeyRing& ring_;
    crypto::Random& random_;
    const Clock& clock_;
    std::unique_ptr<Opened> opened_;
};

}  // namespace tributary::vault
