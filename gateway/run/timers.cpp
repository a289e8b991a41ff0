#include "gateway/run/timers.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

namespace tributary::run {

namespace asio = boost::asio;

namespace {

// Cancels a timer on the timer's own executor. Posted work holds the timer: the sleeper may be gone by then.
template <class Holder>
auto canceller(std::shared_ptr<Holder> holder) {
    return [holder] { asio::post(holder->timer.get_executor(), [holder] { holder->timer.cancel(); }); };
}

struct Sleep {
    asio::steady_timer timer;
};

}  // namespace

Task<bool> SystemTimers::sleep_until(SteadyTime at, std::stop_token stop) {
    if (stop.stop_requested()) co_return false;
    auto sleep = std::make_shared<Sleep>(asio::steady_timer(co_await asio::this_coro::executor, at));
    std::stop_callback on_stop(stop, canceller(sleep));
    auto [ec] = co_await sleep->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return !ec;
}

struct FakeTimers::Sleeper {
    asio::steady_timer timer;
    bool due = false;  // read and written on the timer's executor
};

Task<bool> FakeTimers::sleep_until(SteadyTime at, std::stop_token stop) {
    if (stop.stop_requested()) co_return false;
    auto executor = co_await asio::this_coro::executor;
    auto sleeper = std::make_shared<Sleeper>(asio::steady_timer(executor, asio::steady_timer::time_point::max()));
    {
        std::lock_guard lock(mutex_);
        if (clock_.steady() >= at) co_return true;
        sleepers_.emplace(at, sleeper);
    }
    {
        std::stop_callback on_stop(stop, canceller(sleeper));
        std::ignore = co_await sleeper->timer.async_wait(asio::as_tuple(asio::use_awaitable));  // the outcome is `due`
    }
    if (!sleeper->due) {
        std::lock_guard lock(mutex_);
        std::erase_if(sleepers_, [&](const auto& entry) { return entry.second == sleeper; });
    }
    co_return sleeper->due;
}

void FakeTimers::advance(Milliseconds by) {
    std::lock_guard lock(mutex_);
    clock_.advance(by);
    auto end = sleepers_.upper_bound(clock_.steady());
    for (auto entry = sleepers_.begin(); entry != end; ++entry) {
        asio::post(entry->second->timer.get_executor(), [sleeper = entry->second] {
            sleeper->due = true;
            sleeper->timer.cancel();
        });
    }
    sleepers_.erase(sleepers_.begin(), end);
}

std::size_t FakeTimers::sleeping() const {
    std::lock_guard lock(mutex_);
    return sleepers_.size();
}

std::optional<SteadyTime> FakeTimers::next() const {
    std::lock_guard lock(mutex_);
    if (sleepers_.empty()) return std::nullopt;
    return sleepers_.begin()->first;
}

}  // namespace tributary::run
