#include "gateway/flow/sync_scheduler.hpp"

#include <algorithm>

#include "gateway/run/executor.hpp"

namespace tributary::flow {

using namespace std::chrono_literals;

namespace {
// The wall clock may be set while we sleep, so a long wait looks at it now and then.
constexpr Milliseconds kLongestSleep = 1min;
constexpr Milliseconds kAfterSyncError = 30s;
// Servers and routers on the way forget a connection that is silent for longer.
constexpr Milliseconds kLongestListening = 9min;
// What comes together is read together, and a source that always has news cannot make its stream spin.
constexpr Milliseconds kGather = 1s;
// Between looks whether an operator let a paused connection go on.
constexpr Milliseconds kHeld = 1s;
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
    const bool slept = co_await world_.timers.sleep_for(std::min(duration, kLongestSleep), cut);
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
    const auto& schedule = *world_.connection(connection)->streams.find(stream)->second.schedule;
    SyncJob job(world_, process_);
    bells_.try_emplace({connection, stream});
    bool listen = true;
    while (!stop.stop_requested()) {
        auto last = co_await run::on(world_.pool, [&] { return last_run(connection, stream); });
        auto due = last == Timestamp{} ? world_.clock.now() : schedule.next(last);
        auto woken = Woken::by_time;
        while (woken != Woken::by_source && due > world_.clock.now()) {
            woken = co_await rest(connection, stream, due - world_.clock.now(), listen, stop);
            if (woken == Woken::by_stop) co_return;
        }
        if (woken == Woken::by_source && !co_await world_.timers.sleep_for(kGather, stop)) co_return;
        while (world_.connection(connection)->held->load())
            if (!co_await world_.timers.sleep_for(kHeld, stop)) co_return;
        auto done = co_await job.run(connection, stream, {}, stop);
        listen = done.has_value();
        // A run that could not even begin left no history: do not spin on it.
        if (!done && !co_await world_.timers.sleep_for(kAfterSyncError, stop)) co_return;
    }
}

}  // namespace tributary::flow
