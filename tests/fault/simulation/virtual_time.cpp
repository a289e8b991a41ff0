#include "tests/fault/simulation/virtual_time.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tributary::simulation {

namespace asio = boost::asio;

run::Task<bool> VirtualTimers::sleep_until(SteadyTime at, std::stop_token stop) {
    if (stop.stop_requested()) co_return false;
    if (clock_.steady() >= at) co_return true;
    auto executor = co_await asio::this_coro::executor;
    auto timer = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    sleepers_.emplace(at, timer);
    const std::stop_callback on_stop(stop, [timer] { timer->cancel(); });           // asked for on this thread
    std::ignore = co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));  // cancelled when it is time, too
    const bool due = clock_.steady() >= at;
    if (!due) std::erase_if(sleepers_, [&](const auto& one) { return one.second == timer; });
    co_return due;
}

void VirtualTimers::wake() {
    const auto end = sleepers_.upper_bound(clock_.steady());
    for (auto one = sleepers_.begin(); one != end; ++one) one->second->cancel();
    sleepers_.erase(sleepers_.begin(), end);
}

std::optional<SteadyTime> VirtualTimers::next() const {
    return sleepers_.empty() ? std::nullopt : std::optional(sleepers_.begin()->first);
}

}  // namespace tributary::simulation
