// Where the master key of a configuration comes from.
#pragma once

#include <filesystem>

#include "gateway/app/config.hpp"
#include "gateway/base/result.hpp"
#include "gateway/vault/master.hpp"

namespace tributary::app {

// Just the source that is named, no other in its place. Blocks: on a terminal for a passphrase, on a key service. A
// descriptor can be read once.
Result<vault::Master> open_master(const MasterConfig& config);
// The passphrase from the terminal of this process, without echo; bad_config when there is none.
Result<crypto::SecretBytes> ask_passphrase(const char* prompt);

std::filesystem::path ring_path(const Config& config, const MasterConfig& master);
inline std::filesystem::path ring_path(const Config& config) {
    return ring_path(config, config.vault.master);
}

}  // namespace tributary::app
