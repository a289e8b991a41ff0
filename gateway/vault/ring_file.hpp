// The key ring as a file: JSON in which each key is sealed with the root key, and what is said in clear about a key is
// authenticated with it. A destroyed key leaves its id and its dates, so that an id never comes again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/crypto/aead.hpp"
#include "gateway/vault/master.hpp"

namespace tributary::vault {

enum class Use : std::uint8_t { cred, subject, blind_index, suppression, audit, backup, analytics };
constexpr Use kUses[] = {Use::cred,  Use::subject, Use::blind_index, Use::suppression,
                         Use::audit, Use::backup,  Use::analytics};
std::string_view name_of(Use use);
// bad_input names the uses there are.
Result<Use> use_named(std::string_view name);

enum class KeyState : std::uint8_t {
    pre_active,    // known to every process before anything is sealed with it
    primary,       // seals; one for each use
    decrypt_only,  // opens what it sealed
    destroyed,     // the key is gone
};
std::string_view name_of(KeyState state);

struct RingKey {
    Uid id;
    Use use = Use::cred;
    KeyState state = KeyState::pre_active;
    Timestamp created, changed;                  // changed: when it came into this state
    std::shared_ptr<const crypto::AeadKey> key;  // null when it is destroyed
};

struct RingFile {
    Root root;
    std::vector<RingKey> keys;

    RingKey* find(const Uid& id);
    const RingKey* primary(Use use) const;
};

// not_found when there is no such file; bad_config when the master key is another one, or the file was changed.
Result<RingFile> read_ring(const std::filesystem::path& path, const Master& master);
// The same for a file whose root is known; conflict when it was sealed with another master meanwhile.
Result<RingFile> read_ring(const std::filesystem::path& path, const Root& root);

// Mode 0600. conflict when the file exists.
Result<void> write_new_ring(const std::filesystem::path& path, const RingFile& ring, crypto::Random& random);
Result<void> replace_ring(const std::filesystem::path& path, const RingFile& ring, crypto::Random& random);

}  // namespace tributary::vault
