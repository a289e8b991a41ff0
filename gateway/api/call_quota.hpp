// CallQuota: how often one caller may ask the admin face: so many requests a second, ten seconds' worth at once, and so
// many a day (UTC). Counted in memory, so a restart begins anew.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/run/rate_budget.hpp"

namespace tributary::api {

struct CallLimits {
    double per_second = 50;
    std::uint64_t per_day = 500'000;
};

// Safe from several threads.
class CallQuota {
  public:
    // Callers that asked nothing for a while are forgotten beyond so many.
    static constexpr std::size_t kCallers = 10'000;

    CallQuota(CallLimits limits, const Clock& clock) : limits_(limits), clock_(clock) {}
    // nullopt: counted, go on. Else it may come again after so long, and was not counted.
    std::optional<Milliseconds> ask(const std::string& caller);

  private:
    struct Calls {
        run::RateBudget budget;
        std::int64_t day;
        std::uint64_t today;
    };
    run::RateLimits rate() const { return {limits_.per_second * 10, limits_.per_second}; }

    CallLimits limits_;
    const Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Calls> callers_;
};

}  // namespace tributary::api
