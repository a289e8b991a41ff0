// The folder of backups: which there are, how one is written whole or not at all, how one is destroyed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/backup/archive.hpp"
#include "gateway/backup/manifest.hpp"
#include "gateway/base/result.hpp"

namespace tributary::backup {

struct File {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    Manifest manifest;  // as it says of itself: unchecked
};

// Oldest first. Files that are none, or not whole, are left out.
Result<std::vector<File>> list_files(const std::filesystem::path& folder);
// Sorts by time: 20260105T100000Z-<last 8 digits of the id>.<kind>.backup
std::string file_name(const Manifest& manifest);
// What a crash left of drafts.
void remove_drafts(const std::filesystem::path& folder);
// Overwritten, then removed: on disks and file systems that write in place nothing is left. Elsewhere it is the roll of
// the epoch key that makes old copies of keys worthless.
Result<void> destroy_file(const std::filesystem::path& path);

// A file that has its name once it is whole and durable; dropped before, it is gone. Mode 0600.
class Draft {
  public:
    static Result<Draft> begin(const std::filesystem::path& folder, std::string name);
    ~Draft();
    Draft(Draft&&) noexcept;

    // transient: the disk is full, say.
    Result<void> write(std::string_view bytes);
    Result<void> sync();
    // REQUIRES: synced.
    Result<std::filesystem::path> name_it();

  private:
    struct Impl;
    explicit Draft(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Which go: data older than `data`, keys older than `keys`; of each kind the newest stays.
std::vector<File> overdue(const std::vector<File>& files, Timestamp now, Milliseconds data, Milliseconds keys);

}  // namespace tributary::backup
