// CrashedDisk: what may stand on a disk when the power goes after any event of a journal.
//
// The rules are those of a POSIX file system without barriers of its own: what was synced is there; of what was not,
// any part may be, sector by sector, in any order and over several files; a sector that was being written may hold
// anything. A new file may be missing until it was synced (SQLite syncs its folder with it), and a removed one may be
// back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/fault/disk/journal_disk.hpp"

namespace tributary::disk {

struct Image {
    std::string database;
    std::optional<std::string> log;

    // Replaces the files at `path` and `path`-wal, and removes what SQLite would not find after a power loss.
    void write_to(const std::filesystem::path& path) const;
    static Image read_from(const std::filesystem::path& path);
};

enum class Loss {
    none,     // the process died, the system went on
    all,      // nothing but what was synced
    sectors,  // any part of what was not
};

class CrashedDisk {
  public:
    explicit CrashedDisk(const Image& base = {});

    // REQUIRES: `event` outlives this object.
    void apply(const Event& event);
    Image image(Loss loss, std::mt19937_64& random) const;

  private:
    struct Content {
        std::string visible;  // as programs see it
        std::string durable;
        bool exists = true, durable_exists = true;
        bool fresh = false;  // made anew since `durable`
        std::vector<const Event*> pending;

        void sync(bool failed);
        std::optional<std::string> after(Loss loss, std::mt19937_64& random) const;
    };
    Content database_, log_;
};

}  // namespace tributary::disk
