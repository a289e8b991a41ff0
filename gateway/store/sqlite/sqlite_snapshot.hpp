// Snapshots and rebuilds of SQLite files. A snapshot has a connection of its own, so it may be taken of a store that
// this or another process has open.
#pragma once

#include <filesystem>
#include <memory>

#include "gateway/store/snapshot.hpp"

namespace tributary::store {

// What is seen is the last commit before this call.
Result<std::unique_ptr<Snapshot>> open_snapshot(const std::filesystem::path& database);

// A file beside its final place, of the schema that the rows had. bad_config: a schema of a newer program.
// REQUIRES: nothing of that name is in use.
Result<std::unique_ptr<Rebuild>> rebuild_sqlite(const std::filesystem::path& file, std::uint32_t schema_version);
// The file with all that SQLite keeps beside it.
void remove_database(const std::filesystem::path& database);

// The right to put another file in a database's place. Holds its lock: no gateway runs on it meanwhile.
class Replacement {
  public:
    // conflict: a gateway runs on it.
    static Result<Replacement> begin(const std::filesystem::path& database);
    ~Replacement();
    Replacement(Replacement&&) noexcept;

    // Where the new file is made; what a crash left there is gone.
    std::filesystem::path draft() const;
    // Whether customers, keys, consent or secrets would be lost with what is there.
    Result<bool> holds_data() const;
    // The draft takes the place in one step: after a crash there is the one or the other, whole.
    // REQUIRES: the draft is closed.
    Result<void> commit();

  private:
    struct Impl;
    explicit Replacement(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::store
