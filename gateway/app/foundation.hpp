// Foundation: master key, key ring and store of a configuration: what `secret` needs, before any connection can be
// built.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/app/config.hpp"
#include "gateway/base/log.hpp"
#include "gateway/flow/key_rotation.hpp"
#include "gateway/store/sqlite/lock_file.hpp"
#include "gateway/store/store.hpp"
#include "gateway/store/vault_stores.hpp"
#include "gateway/vault/grants.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::app {

struct Foundation {
    SystemClock clock;
    crypto::SystemRandom random;
    std::optional<vault::KeyRing> ring;
    std::optional<store::LockFile> folder_lock;  // with a store that several gateways share
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::StoredKeys> keys;
    std::unique_ptr<store::StoredSecrets> secrets;
    std::unique_ptr<store::StoredGrants> stored_grants;
    std::unique_ptr<vault::Vault> vault;
    std::unique_ptr<vault::Grants> grants;
    std::unique_ptr<flow::KeyRotation> rotation;

    // conflict: another process has the store open. not_found: there is no master key yet (`tributary init` makes one).
    static Result<std::unique_ptr<Foundation>> open(const Config& config, Log& log);

  private:
    Result<void> open_store(const Config& config, Log& log);
};

// bad_config: there is no master key or no ring yet (`tributary init` makes them), or they do not belong together.
Result<vault::KeyRing> open_ring(const Config& config);

// Makes master key and key ring where they are missing; never touches what is there. Returns the files it made.
Result<std::vector<std::filesystem::path>> initialise(const Config& config);

}  // namespace tributary::app
