// How backups and drills are told, by operations and by commands that need no gateway.
#pragma once

#include "gateway/backup/folder.hpp"
#include "gateway/flow/restore_drill.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

// What to say of a store that does not lie in a file of ours.
inline std::unexpected<Error> no_file_backups() {
    return fail(
        Fault::bad_config,
        "backups and restore are of a store of type sqlite: for PostgreSQL use pg_dump and pg_restore, and a copy of "
        "the key ring, see docs/postgres.md",
        "store.type");
}
void write_file(value::Builder& out, const backup::File& file);
void write_drill(value::Builder& out, const flow::DrillOutcome& outcome);

}  // namespace tributary::app
