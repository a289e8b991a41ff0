// Key files: written once, whole and durable, and read only when nobody else may read them.
#pragma once

#include <filesystem>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::vault {

// Appears under its name only when complete and synced. conflict when the name is taken; missing folders are made with
// mode 0700.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode);

// not_found when there is none; bad_config unless it is a regular file of at most 1 MiB, owned by this user or root,
// with mode 0400 or 0600.
Result<crypto::SecretBytes> read_key_file(const std::filesystem::path& path);
// Reads to the end and closes.
Result<crypto::SecretBytes> read_descriptor(int descriptor);

}  // namespace tributary::vault
