#include "gateway/store/sqlite/clock_steps.hpp"

#include <algorithm>
#include <chrono>

namespace tributary::store {
namespace {

using namespace std::chrono_literals;

// Less is how clocks are kept right all the time.
constexpr Milliseconds kNoticed = 500ms;
// Between the two clocks the process may have stood still: then they do not belong together.
constexpr Milliseconds kOneLook = 20ms;

// ?1 is how far, ?2 the earlier of the two readings: what was due before it is due in any case.
constexpr const char* kLanes = "UPDATE lane SET next_run_at = next_run_at + ?1 WHERE next_run_at > ?2";
constexpr const char* kLaneLeases = "UPDATE lane SET lease_until = lease_until + ?1 WHERE lease_until > ?2";
constexpr const char* kPauses = "UPDATE destination SET until = until + ?1 WHERE until > ?2";
constexpr const char* kInbox = "UPDATE inbox_work SET due_at = due_at + ?1 WHERE due_at > ?2";
constexpr const char* kWebhooks = "UPDATE inbox SET received_at = received_at + ?1";
constexpr const char* kSyncLeases = "UPDATE lease SET until = until + ?1 WHERE until > ?2";
constexpr const char* kGrantLeases = "UPDATE cred_state SET lease_until = lease_until + ?1 WHERE lease_until > ?2";
constexpr const char* kTasks = "UPDATE propagation SET next_run_at = next_run_at + ?1 WHERE next_run_at > ?2";
constexpr const char* kFailing =
    "UPDATE lane SET first_failed_at = first_failed_at + ?1 WHERE first_failed_at IS NOT NULL";

}  // namespace

ClockSteps::ClockSteps(Connection& connection, const Clock& clock, Log& log)
    : clock_(clock),
      log_(log),
      known_(look()),
      waits_{Statement(connection, kLanes), Statement(connection, kLaneLeases), Statement(connection, kPauses),
             Statement(connection, kInbox), Statement(connection, kSyncLeases), Statement(connection, kGrantLeases),
             Statement(connection, kTasks)},
      failing_(connection, kFailing),
      webhooks_(connection, kWebhooks) {}

ClockSteps::Reading ClockSteps::look() const {
    while (true) {
        const auto before = clock_.steady();
        const Reading reading{clock_.now(), clock_.steady()};
        if (reading.steady - before < kOneLook) return reading;
    }
}

Result<void> ClockSteps::move_along() {
    const auto seen = look();
    const auto carried = known_.wall + std::chrono::duration_cast<Milliseconds>(seen.steady - known_.steady);
    const auto by = seen.wall - carried;
    if (std::chrono::abs(by) < kNoticed) {
        known_ = seen;
        return {};
    }
    for (auto& wait : waits_) CHECK_OK(wait.run(by, std::min(carried, seen.wall)));
    CHECK_OK(failing_.run(by));
    CHECK_OK(webhooks_.run(by));
    moved_ = seen;
    log_.warn("the clock was set, what waits goes on waiting as long as it should", {{"by_ms", by.count()}});
    return {};
}

void ClockSteps::committed() {
    if (moved_) known_ = *moved_;
    moved_.reset();
}

}  // namespace tributary::store
