// `sync run` on a terminal: a line that tells records, rate and what is left.
#pragma once

#include "gateway/app/gateway.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

// The same answer as the operation sync.run. `show`: progress goes to standard error while it runs.
Result<value::Document> sync_with_progress(Gateway& gateway, value::Node arguments, bool show);

// "[#####     ]  50 %  1,200 of 2,400 records  310/s  ETA 4 s"; without a total the count and rate alone.
std::string progress_line(std::uint64_t records, std::optional<std::uint64_t> total, double seconds);

}  // namespace tributary::app
