#include "gateway/flow/sync_scheduler.hpp"

#include <algorithm>

#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {
// The wall clock may be set while we sleep, so a long wait looks at it now and then.
constexpr Milliseconds kLongestSleep = 1min;
constexpr Milliseconds kAfterError = 30s;
}  // namespace

Timestamp SyncScheduler::last_run(const std::string& connection, const std::string& stream) {
    Timestamp last{};
    auto read = world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto runs, session.jobs().list(connection, stream, 0, 1));
        if (!runs.empty()) last = runs.front().started_at;
        return {};
    });
    if (!read) world_.log.error("history of sync not read", read.error());
    return last;
}

run::Task<> SyncScheduler::run(std::string connection, std::string stream, std::stop_token stop) {
    const auto& schedule = *world_.connection(connection)->streams.find(stream)->second.schedule;
    SyncJob job(world_, process_);
    while (!stop.stop_requested()) {
        auto last = co_await run::on(world_.pool, [&] { return last_run(connection, stream); });
        auto due = last == Timestamp{} ? world_.clock.now() : schedule.next(last);
        while (due > world_.clock.now())
            if (!co_await world_.timers.sleep_for(std::min(due - world_.clock.now(), kLongestSleep), stop)) co_return;
        auto done = co_await job.run(connection, stream, {}, stop);
        // A run that could not even begin left no history: do not spin on it.
        if (!done && !co_await world_.timers.sleep_for(kAfterError, stop)) co_return;
    }
}

}  // namespace tributary::flow
