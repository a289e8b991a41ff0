#include "gateway/run/signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tributary::run {

namespace asio = boost::asio;

struct Signal::State {
    State(Loop& loop, int number) : set(loop.executor(), number) {}
    asio::signal_set set;
};

Signal::Signal(Loop& loop, int number) : state_(std::make_shared<State>(loop, number)) {}

Signal::~Signal() {
    const auto executor = state_->set.get_executor();
    asio::post(executor, [state = std::move(state_)] { state->set.cancel(); });
}

Task<bool> Signal::next(std::stop_token stop) {
    const auto state = state_;
    const std::stop_callback cancel(
        stop, [state] { asio::post(state->set.get_executor(), [state] { state->set.cancel(); }); });
    if (stop.stop_requested()) co_return false;
    const auto [failed, number] = co_await state->set.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return !failed && !stop.stop_requested();
}

}  // namespace tributary::run
