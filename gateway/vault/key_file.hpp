// Key files: written whole and durable, and read only when nobody else may read them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"

namespace tributary::vault {

// Appears under its name only when complete and synced. conflict when the name is taken; missing folders are made with
// mode 0700.
Result<void> write_new_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode);

// A crash at any point leaves the old file or the new one under the name, whole. What the old one held is overwritten.
Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode);

// Waits until no other process holds it. The file stays and is empty.
class FileLock {
  public:
    static Result<FileLock> take(const std::filesystem::path& path);
    ~FileLock();
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

// Tells whether a file was replaced since; all zero when there is none.
struct FileMark {
    std::uint64_t inode = 0;
    std::int64_t seconds = 0, nanoseconds = 0, size = 0;
    friend bool operator==(const FileMark&, const FileMark&) = default;
};
FileMark file_mark(const std::filesystem::path& path);

// not_found when there is none; bad_config unless it is a regular file of at most 1 MiB, owned by this user or root,
// with mode 0400 or 0600.
Result<crypto::SecretBytes> read_key_file(const std::filesystem::path& path);
// Reads to the end and closes.
Result<crypto::SecretBytes> read_descriptor(int descriptor);

}  // namespace tributary::vault
