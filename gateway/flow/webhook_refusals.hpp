// WebhookRefusals: webhooks that were not taken, counted since the start of the process: a new configuration goes on
// counting.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace tributary::flow {

// Safe from several threads.
class WebhookRefusals {
  public:
    void count(std::string_view reason) {
        const std::lock_guard lock(mutex_);
        ++reasons_[std::string(reason)];
    }
    void count_signature(std::string_view connection) {
        const std::lock_guard lock(mutex_);
        ++signatures_[std::string(connection)];
    }
    // By reason code.
    std::map<std::string, std::uint64_t> reasons() const {
        const std::lock_guard lock(mutex_);
        return reasons_;
    }
    // Those whose signature did not hold, by connection.
    std::map<std::string, std::uint64_t> signatures() const {
        const std::lock_guard lock(mutex_);
        return signatures_;
    }

  private:
    mutable std::mutex mutex_;  // refusals are rare
    std::map<std::string, std::uint64_t> reasons_, signatures_;
};

}  // namespace tributary::flow
