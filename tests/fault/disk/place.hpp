// Place: a folder of its own with a database in it, and what a campaign needs around a store.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "gateway/base/log.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"
#include "tests/fault/disk/crashed_disk.hpp"

namespace tributary::disk {

class Place {
  public:
    // In memory where there is such a place. `marker` is a part of its name, for JournalDisk::begin().
    explicit Place(const std::string& marker);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    Result<std::unique_ptr<store::Store>> open() { return store::open_sqlite({.path = path_}, clock_, log_); }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path folder_, path_;
    FakeClock clock_;  // stands at second(0)
    Log log_{LogLevel::off};
};

// "ok", or what the engine's own full check finds.
std::string integrity_of(const std::filesystem::path& path);

// Prints PASS or FAIL lines as the scripts of the suites do.
class Verdict {
  public:
    void check(const std::string& name, bool holds, const std::string& why = "");
    int exit_code() const { return failed_ ? 1 : 0; }

  private:
    bool failed_ = false;
};

struct Campaign {
    std::uint64_t seed = 1;
    bool full = false;
};

void power_loss(const Campaign& campaign, Verdict& verdict);
void disk_full(const Campaign& campaign, Verdict& verdict);
void disk_errors(const Campaign& campaign, Verdict& verdict);
void damage(const Campaign& campaign, Verdict& verdict);
void upgrade(const Campaign& campaign, Verdict& verdict);

}  // namespace tributary::disk
