// LockFile: keeps a second gateway away from the database, and tells whether the last one ended cleanly.
// It is a file of its own: closing any other handle of the database file would drop SQLite's locks.
#pragma once

#include <filesystem>

#include "gateway/base/result.hpp"

namespace tributary::store {

class LockFile {
  public:
    // conflict when another process holds it.
    static Result<LockFile> acquire(const std::filesystem::path& path);
    LockFile(LockFile&& other) noexcept;
    LockFile& operator=(LockFile&&) = delete;
    ~LockFile();

    // The holder before us ended without mark_clean(), or there was none.
    bool unclean() const { return unclean_; }
    Result<void> mark_running();
    Result<void> mark_clean();

  private:
    LockFile(int descriptor, bool unclean) : descriptor_(descriptor), unclean_(unclean) {}
    Result<void> write(std::string_view text);
    int descriptor_;
    bool unclean_;
};

}  // namespace tributary::store
