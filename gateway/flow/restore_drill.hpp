// RestoreDrill: the newest backup restored into a scratch folder and tried, as if the store were lost now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/audit/signed_note.hpp"
#include "gateway/backup/folder.hpp"
#include "gateway/flow/backup_job.hpp"
#include "gateway/flow/restore.hpp"
#include "gateway/record/model.hpp"
#include "gateway/vault/subject_keys.hpp"

namespace tributary::flow {

struct DrillOutcome {
    Uid backup;
    Timestamp at{};
    std::vector<std::string> failures;  // none: passed
    std::uint64_t rows = 0, audit_entries = 0, opened = 0;
    Milliseconds rpo{0};  // what would be lost: the age of the backup
    Milliseconds rto{0};  // from the files to a store that was checked

    bool passed() const { return failures.empty(); }
    std::string json() const;
    static Result<DrillOutcome> parse(std::string_view json);
};

// Blocks. A backup that does not restore is an outcome with its failure; an error is only that there is none to try.
// Nothing outside of the scratch folder is changed: the outcome is the caller's to tell.
Result<DrillOutcome> run_drill(const BackupPlaces& places, const vault::KeyRing& ring, const audit::NoteKey& audit_key,
                               const record::Model& model, const Clock& clock, crypto::Random& random, Log& log);

// The outcome that was kept in the folder, if there is one; nobody vouches for it.
std::optional<DrillOutcome> read_last_drill(const std::filesystem::path& folder);
Result<void> keep_drill(const std::filesystem::path& folder, const DrillOutcome& outcome);

// Which files `restore` takes: the newest of data, or the one given, with the newest of keys.
struct Chosen {
    std::filesystem::path data, keys;
};
Result<Chosen> newest_files(const std::filesystem::path& folder, const std::filesystem::path& data = {});

}  // namespace tributary::flow
