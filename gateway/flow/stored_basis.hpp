// StoredBasis: E1 for what is stored already. When the last purpose that a stream keeps a person's records for ends (it
// is withdrawn, a consent expires, a basis is not declared any more), they lose what the ingest gate would not let in:
// the contacts with the act itself, everything else in the daily sweep. What needs what was taken out becomes a
// tombstone, as if its source had deleted it. The destinations hear of it as of any other change.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/retention.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

class Process;

struct JudgedRecords {
    std::vector<PreparedRecord> records;  // of streams with purposes, holding something personal, not under hold
    std::vector<PreparedRecord> held;
};

// Blocks. What does not open any more is left out: its person was erased.
Result<JudgedRecords> load_judged(World& world, std::span<const Uid> records);

// Whether some stream keeps records for a purpose that the act is about.
bool is_kept_for(const World& world, const consent::ConsentEvent& act);

// Judges everything that streams with purposes brought. A dry run changes nothing. Blocks; in small transactions.
Result<PolicyReport> sweep_stored_basis(World& world, Process& process, bool dry_run);

}  // namespace tributary::flow
