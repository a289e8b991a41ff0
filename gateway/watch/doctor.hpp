// Doctor: what is wrong with a gateway, why it matters, and what to do about it. Pure: it judges a snapshot, which part
// of it a running gateway gathers and part the command; a member that is missing was not gathered and is not judged.
//
//   now            time
//   config_error, vault_error     texts
//   store          { failed, disk_full, database_bytes, log_bytes, max_size }
//   disk           { path, free, size }         bytes
//   newest_entry   time of the newest entry of the audit trail
//   ports          [ { face, address, error } ]     of a gateway that does not run
//   master         { path, mode }               mode: its permission bits
//   audit          { entries, verified_at, whole }
//   nodes          [ { name, alive, configuration } ]   gateways on one store
//   destinations   [ { destination, items, blocked_lanes, oldest_seconds, paused, reason, since } ]
//   held           [ { connection, reason } ]
//   dead_letters   [ { stage, connection, destination, letters } ]
//   logins         [ { connection, state, reason } ]
//   syncs          [ { connection, stream, never, started_at, ended_at, error, due_at } ]   due_at: of scheduled ones
//   streams        [ { connection, stream, mapped, quarantined } ]
//   drift          [ { connection, stream, path, code, count, last_at } ]
//   certificates   [ { path, expires_at, error } ]
//   alerts         [ { id, rule, subject, severity, what } ]   open ones
#pragma once

#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/value/document.hpp"

namespace tributary::watch {

struct Finding {
    std::string rule, severity;  // critical, warning
    std::string what, why, todo;
};

// Every rule there is.
const std::vector<std::string>& finding_names();

// Critical ones first. Texts of the snapshot are made visible (base/visible_text.hpp).
std::vector<Finding> examine(value::Node snapshot);

}  // namespace tributary::watch
