// KeyStore and SecretStore: what the vault needs from a durable store. The store implements both; it only ever sees
// sealed bytes. Calls may block on the database; they are safe from several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::vault {

// The key of one data subject, sealed with a key of the ring.
struct WrappedKey {
    Uid subject;
    Uid kek;  // which key of the ring wraps it: re-wrapping and destroying an old one look for it
    std::string wrapped;
};

// One key wrapped anew: it replaces just what was read.
struct Rewrapped {
    WrappedKey before, after;
};

class KeyStore {
  public:
    virtual ~KeyStore() = default;
    // One answer for each subject, in order; nullopt where none is kept (never made, or destroyed).
    //
    // New keys come back through the transaction that carries their data, not through this interface. Putting one is
    // INSERT: when the subject already has a key with the same bytes nothing happens; with other bytes the whole
    // transaction fails with Fault::conflict, since its data were sealed with a key that nobody would keep. So it does
    // when the key of the ring that wraps it was retired meanwhile.
    virtual Result<std::vector<std::optional<WrappedKey>>> subject_keys(std::span<const Uid> subjects) = 0;
    // Replaces keys by what wraps them now, later and in its own time: compare-and-set, and nobody waits. What is lost
    // on the way is wrapped anew when it is read again, or by the sweep after a rotation.
    virtual void rewrap(std::vector<Rewrapped> keys) = 0;
};

// What a secret is bound to. It is authenticated with the sealed fields: a row edited in the database no longer opens.
struct Binding {
    std::string owner;                       // who may use it; empty: the operator of this gateway
    std::string connector;                   // the connector it was made for; empty: any
    std::vector<std::string> allowed_hosts;  // hosts it may be sent to; empty: those of the connector
    friend bool operator==(const Binding&, const Binding&) = default;
};

struct SealedSecret {
    std::string name;
    std::uint32_t version = 0;  // 1, 2, 3 ...; the store keeps the newest one only
    Timestamp created, updated;
    Binding binding;
    std::vector<std::string> fields;  // their names, sorted; the values are in `sealed`
    std::string wrapped_key;          // the key of this version, sealed with a key of the ring
    std::string sealed;
};

class SecretStore {
  public:
    virtual ~SecretStore() = default;
    // Compare-and-set: replaces the version before (secret.version - 1; 0 means there is none), else Fault::conflict.
    virtual Result<void> put_secret(const SealedSecret& secret) = 0;
    virtual Result<std::optional<SealedSecret>> find_secret(std::string_view name) = 0;
    // Sorted by name.
    virtual Result<std::vector<SealedSecret>> list_secrets() = 0;
    // not_found when there is none of that name.
    virtual Result<void> remove_secret(std::string_view name) = 0;
};

}  // namespace tributary::vault
