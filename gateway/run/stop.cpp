#include "gateway/run/stop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <list>
#include <mutex>

namespace tributary::run {

namespace asio = boost::asio;

struct GracefulStop::State {
    std::stop_source soft, hard;
    std::mutex mutex;
    std::list<std::string> parts;
    std::stop_source changed;  // wakes drained(); replaced for each of its waits
    std::shared_ptr<asio::signal_set> signals;

    void request() { soft.request_stop(); }

    void request_hard() {
        soft.request_stop();
        hard.request_stop();
        wake();
    }

    static Task<> serve(std::shared_ptr<State> state, std::shared_ptr<asio::signal_set> signals) {
        for (;;) {
            auto [ec, number] = co_await signals->async_wait(asio::as_tuple(asio::use_awaitable));
            if (ec) co_return;
            if (state->soft.stop_requested())
                state->request_hard();
            else
                state->request();
        }
    }

    void wake() {
        std::stop_source waiting = [&] {
            std::lock_guard lock(mutex);
            return changed;
        }();
        waiting.request_stop();
    }
};

struct GracefulStop::Part::Seat {
    std::shared_ptr<State> state;
    std::list<std::string>::iterator name;

    ~Seat() {
        {
            std::lock_guard lock(state->mutex);
            state->parts.erase(name);
        }
        state->wake();
    }
};

GracefulStop::GracefulStop() : state_(std::make_shared<State>()) {}

GracefulStop::~GracefulStop() {
    if (auto signals = std::move(state_->signals))
        asio::post(signals->get_executor(), [signals] { signals->cancel(); });
}

void GracefulStop::watch_signals(Loop& loop) {
    std::signal(SIGPIPE, SIG_IGN);
    state_->signals = std::make_shared<asio::signal_set>(loop.executor(), SIGTERM, SIGINT);
    loop.spawn(State::serve(state_, state_->signals));
}

void GracefulStop::request() {
    state_->request();
}
void GracefulStop::request_hard() {
    state_->request_hard();
}
std::stop_token GracefulStop::token() const {
    return state_->soft.get_token();
}
std::stop_token GracefulStop::hard_token() const {
    return state_->hard.get_token();
}

GracefulStop::Part GracefulStop::join(std::string name) {
    std::lock_guard lock(state_->mutex);
    Part part;
    auto place = state_->parts.insert(state_->parts.end(), std::move(name));
    part.seat_ = std::make_shared<Part::Seat>(state_, place);
    return part;
}

void GracefulStop::spawn(Executor executor, std::string name, Task<> task) {
    run::spawn(std::move(executor), [](Part part, Task<> work) -> Task<> {
        auto held = std::move(part);  // drained() waits until this is gone
        co_await std::move(work);
    }(join(std::move(name)), std::move(task)));
}

bool GracefulStop::idle() const {
    std::lock_guard lock(state_->mutex);
    return state_->parts.empty();
}

Task<std::vector<std::string>> GracefulStop::drained(Timers& timers, Milliseconds deadline) {
    auto state = state_;
    auto end = timers.clock().steady() + deadline;
    for (bool time_left = true;;) {
        std::stop_token changed;
        {
            std::lock_guard lock(state->mutex);
            if (state->parts.empty() || state->hard.stop_requested() || !time_left)
                co_return std::vector<std::string>(state->parts.begin(), state->parts.end());
            state->changed = std::stop_source();
            changed = state->changed.get_token();
        }
        time_left = !co_await timers.sleep_until(end, changed);
    }
}

Task<> GracefulStop::requested() {
    SystemTimers forever;
    std::ignore = co_await forever.sleep_until(SteadyTime::max(), token());  // it ends by the request alone
}

}  // namespace tributary::run
