// KeyRing: the keys that wrap other keys, one primary for each use. It is a file beside the master key, sealed with it,
// and never in the database: a stolen database opens nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/vault/master.hpp"

namespace tributary::value {
class Node;
}

namespace tributary::vault {

enum class Use : std::uint8_t { cred, subject, blind_index, suppression, audit, backup };
std::string_view name_of(Use use);

// Immutable once loaded, so safe from several threads; keep it alive as long as the vault and the subject keys.
class KeyRing {
  public:
    // Makes a ring with one primary key for each use and writes it (mode 0600). conflict when the file exists.
    static Result<KeyRing> create(const std::filesystem::path& path, const Master& master, crypto::Random& random,
                                  const Clock& clock);
    // not_found when there is no such file; bad_config when the master key is another one, or the file was changed.
    static Result<KeyRing> load(const std::filesystem::path& path, const Master& master);

    // The key that seals now.
    const crypto::AeadKey& primary(Use use) const;
    // Any key of the ring, older ones included; nullptr when it is unknown.
    const crypto::AeadKey* find(const Uid& id) const;

  private:
    enum class State : std::uint8_t { primary, decrypt_only };
    struct Entry {
        Use use;
        State state;
        Timestamp created;
        crypto::AeadKey key;
    };
    static Result<Entry> read_entry(const value::Node& node, const crypto::AeadKey& root);
    std::vector<Entry> entries_;
};

}  // namespace tributary::vault
