// LeaseLosses: work whose lease went to another process before its outcome was stored, counted since the start of the
// process. The outcome was dropped: the one that holds the lease does it again.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace tributary::flow {

// Safe from several threads.
class LeaseLosses {
  public:
    enum class Work { delivery, sync };
    // (what, the destination or connection)
    using Place = std::pair<Work, std::string>;

    void add(Work work, const std::string& name, std::uint64_t count) {
        const std::lock_guard lock(mutex_);
        counts_[{work, name}] += count;
    }
    std::map<Place, std::uint64_t> counts() const {
        const std::lock_guard lock(mutex_);
        return counts_;
    }

  private:
    mutable std::mutex mutex_;
    std::map<Place, std::uint64_t> counts_;
};

}  // namespace tributary::flow
