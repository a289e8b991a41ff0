// Jobs: the history of sync runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

struct JobRun {
    std::int64_t id = 0;
    std::string connection, stream;
    Timestamp started_at;
    std::optional<Timestamp> ended_at;  // unset: running, or died without an end
    std::uint64_t records = 0, unchanged = 0, quarantined = 0;
    std::string error;   // empty: ended well
    std::string cursor;  // reached
};

class JobsView {
  public:
    virtual ~JobsView() = default;
    // Newest first; `before` is the last id seen, 0 to begin. Empty names match all.
    virtual Result<std::vector<JobRun>> list(const std::string& connection, const std::string& stream,
                                             std::int64_t before, std::size_t limit) = 0;
};

class Jobs : public virtual JobsView {
  public:
    virtual Result<std::int64_t> begin(const std::string& connection, const std::string& stream, Timestamp at) = 0;
    // Stores everything of `run` but its names and start. Called at the end, and during the run to show progress.
    virtual Result<void> update(const JobRun& run) = 0;
    virtual Result<std::uint64_t> sweep(Timestamp ended_before, std::size_t limit) = 0;
};

}  // namespace tributary::store
