#include "gateway/flow/sync_scheduler.hpp"

#include <algorithm>

#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {
// The wall clock may be set while we sleep, so a long wait looks at it now and then.
constexpr Milliseconds kLongestSleep = 1min;
constexpr Milliseconds kLookAtOthers = 5s;
constexpr Milliseconds kAfterSyncError = 30s;
// Servers and routers on the way forget a connection that is silent for longer.
constexpr Milliseconds kLongestListening = 9min;
// What comes together is read together, and a source that always has news cannot make its stream spin.
constexpr Milliseconds kGather = 1s;
// Between looks whether an operator let a paused connection go on.
constexpr Milliseconds kHeld = 1s;
}  // namespace

Timestamp SyncScheduler::due(const std::string& connection, const std::string& stream, run::DueTime& time) {
    std::vector<store::JobRun> runs;
    bool held = false;
    auto read = world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(runs, session.jobs().list(connection, stream, 0, 2));
        TRY(const auto lease, session.leases().get(lease_name(connection, stream)));
        held = lease && lease->until > world_.clock.now();
        return {};
    });
    if (!read) world_.log.error("history of sync not read", read.error());
    const auto now = world_.clock.now();
    if (runs.empty()) return now;
    // Whoever ran it died. When that happens twice, the next try waits for its time: the run itself may be what kills.
    const bool cut_off = !runs[0].ended_at && !held;
    if (cut_off && (runs.size() < 2 || runs[1].ended_at)) return now;
    return time.next(runs[0].started_at, now);
}

std::string SyncScheduler::cursor(const std::string& connection, const std::string& stream) {
    std::string cursor;
    auto read = world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto checkpoint, session.checkpoints().get(connection, stream));
        if (checkpoint) cursor = checkpoint->cursor;
        return {};
    });
    if (!read) world_.log.error("checkpoint of sync not read", read.error());
    return cursor;
}

run::Task<SyncScheduler::Woken> SyncScheduler::rest(const std::string& connection, const std::string& stream,
                                                    Milliseconds duration, bool& listen, std::stop_token stop) {
    auto& bell = bells_[{connection, stream}];
    if (std::exchange(bell.rung, false)) co_return Woken::by_source;
    bell.rest = std::stop_source();
    const auto cut = bell.rest.get_token();
    const std::stop_callback with(stop, [rest = bell.rest]() mutable { rest.request_stop(); });
    auto* source = world_.connection(connection)->connector->source();
    if (listen && source && source->can_wait(stream)) {
        connector::Cursor from{co_await run::on(world_.pool, [&] { return cursor(connection, stream); })};
        const auto until = world_.clock.steady() + std::min(duration, kLongestListening);
        auto told = co_await source->wait(stream, std::move(from), until, cut);
        if (stop.stop_requested()) co_return Woken::by_stop;
        if (std::exchange(bell.rung, false)) co_return Woken::by_source;
        if (told) co_return *told ? Woken::by_source : Woken::by_time;
        world_.log.warn("source cannot be listened to", {{"connection", connection},
                                                         {"stream", stream},
                                                         {"fault", name_of(told.error().fault)},
                                                         {"what", told.error().what}});
    }
    // A source that failed to tell is asked again after this rest.
    const auto longest = world_.store.shared() ? kLookAtOthers : kLongestSleep;
    const bool slept = co_await world_.timers.sleep_for(std::min(duration, longest), cut);
    listen = true;
    if (slept) co_return Woken::by_time;
    co_return !stop.stop_requested() && std::exchange(bell.rung, false) ? Woken::by_source : Woken::by_stop;
}

bool SyncScheduler::wake(const std::string& connection, const std::string& stream) {
    const auto bell = bells_.find({connection, stream});
    if (bell == bells_.end()) return false;
    bell->second.rung = true;
    bell->second.rest.request_stop();
    return true;
}

run::Task<> SyncScheduler::run(std::string connection, std::string stream, std::stop_token stop) {
    run::DueTime time(*world_.connection(connection)->streams.find(stream)->second.schedule);
    SyncJob job(world_, process_);
    bells_.try_emplace({connection, stream});
    bool listen = true;
    while (!stop.stop_requested()) {
        auto look = [&] { return due(connection, stream, time); };
        auto next = co_await run::on(world_.pool, look);
        auto woken = Woken::by_time;
        while (woken != Woken::by_source && next > world_.clock.now()) {
            woken = co_await rest(connection, stream, next - world_.clock.now(), listen, stop);
            if (woken == Woken::by_stop) co_return;
            if (woken == Woken::by_time) next = co_await run::on(world_.pool, look);
        }
        if (woken == Woken::by_source && !co_await world_.timers.sleep_for(kGather, stop)) co_return;
        while (world_.connection(connection)->held->on())
            if (!co_await world_.timers.sleep_for(kHeld, stop)) co_return;
        auto done = co_await job.run(connection, stream, {}, stop);
        listen = done.has_value();
        // A run that could not even begin left no history: do not spin on it.
        if (!done && !co_await world_.timers.sleep_for(kAfterSyncError, stop)) co_return;
    }
}

}  // namespace tributary::flow
