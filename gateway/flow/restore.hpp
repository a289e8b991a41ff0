// Restore: a store from a backup of data and one of keys, brought to what was decided since: who was erased is gone,
// who withdrew has withdrawn. All is checked and done in a draft beside the database, which takes its place at last, so
// no gateway can ever start on a store that remembers less than the ledger.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "gateway/backup/manifest.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/flow/ledger_keeper.hpp"
#include "gateway/flow/restored_rows.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

struct Rebuilt {
    backup::Manifest data, keys;
    std::uint64_t rows = 0;       // laid
    std::uint64_t left_out = 0;   // of who was erased since, and what was delivered since
    std::uint64_t delivered = 0;  // items among these
    std::uint64_t subjects = 0;   // erased since
};

// Reads all of an archive and throws it away. Errors as of backup::ArchiveReader.
Result<backup::Manifest> verify_archive(const std::filesystem::path& file, const vault::KeyRing& ring);

// Lays a new database. `ledger`: what of it is newer than the backup is left out. `delivered`: as RestoredRows takes
// it.
Result<Rebuilt> rebuild_from(const std::filesystem::path& data, const std::filesystem::path& keys,
                             const std::filesystem::path& database, const LedgerContent& ledger,
                             const vault::KeyRing& ring, std::set<std::string> delivered = {});

struct RestorePlan {
    std::filesystem::path data, keys, database, ledger;
    std::string gateway;
    bool force = false;          // what is there now may be lost
    bool accept_ledger = false;  // also one that does not hold what the backup knew
};

struct Restored {
    Rebuilt rebuilt;
    LedgerKeeper::Replayed replayed;
    // Entries of the trail that the lost store had after the backup, as far as it could be read: the trail forks there.
    std::uint64_t abandoned_entries = 0;
    Milliseconds took{0};
};

// conflict: a gateway runs on the database, or it holds data and `force` is not given. refused: a file was changed, or
// the ledger. bad_config: files or ledger do not belong together. Whatever fails, the database stays as it was.
Result<Restored> restore(const RestorePlan& plan, const vault::KeyRing& ring, const Clock& clock, Log& log);

}  // namespace tributary::flow
