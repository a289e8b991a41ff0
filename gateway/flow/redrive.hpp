// Redrive: dead letters taken up again, by filter. What failed before the commit goes through the present mapping; what
// failed at a destination is sent once more in its newest form. A letter that would fail again stays where it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/flow/process.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

struct RedriveOptions {
    store::DeadLetterFilter filter;
    std::size_t limit = 10'000;
    bool dry_run = true;
};

struct RedriveOutcome {
    std::int64_t id = 0;
    std::string stage, where, record_key;
    bool redriven = false;  // or would be, in a dry run
    std::string cause;      // why it stays
};

struct RedriveReport {
    std::uint64_t matched = 0, redriven = 0, kept = 0;
    std::vector<RedriveOutcome> outcomes;
};

// Blocks. Resumable: a letter and what follows from it are settled in one transaction.
Result<RedriveReport> redrive(World& world, Process& process, const RedriveOptions& options);

}  // namespace tributary::flow
