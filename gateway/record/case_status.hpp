// The life of a case: which status may follow which. Mappings of every help desk meet here.
//
//   new -> open -> in_progress <-> waiting_customer | waiting_internal | on_hold;  in_progress -> resolved -> closed
//   any open one -> escalated -> in_progress;  resolved | closed -> reopened -> in_progress
//   any open one -> cancelled | merged
#pragma once

#include <string_view>

namespace tributary::record {

// Staying where it is is no change and always allowed. Unknown words never follow. A source that reports only now and
// then may skip steps: this judges single acts, not what two syncs saw.
bool case_status_may_follow(std::string_view from, std::string_view to);
// Neither resolved, closed, cancelled nor merged.
bool is_open_case_status(std::string_view status);

}  // namespace tributary::record
