// BackupJob: one backup of a store, while it goes on: all rows but the subject keys in a file of data, the subject keys
// in one of keys, both of one moment. Rows go sealed from the database into the sealed file; nothing lies anywhere in
// between.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gateway/backup/folder.hpp"
#include "gateway/flow/ledger_keeper.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

struct BackupPlaces {
    std::filesystem::path database, folder, ledger;
    std::string gateway, program;
};

struct BackupDone {
    std::vector<backup::File> files;
    Milliseconds took{0};
};

// Blocks; at most one at a time in a folder. `keys_only`: after keys were destroyed or wrapped anew. An entry
// backup.run is in the audit trail before the files have their names. Errors: transient (no room), bad_config (the
// folder).
Result<BackupDone> run_backup(store::Store& store, LedgerKeeper& ledger, const vault::KeyRing& ring, const Clock& clock,
                              crypto::Random& random, const BackupPlaces& places, bool keys_only);

}  // namespace tributary::flow
