#include "gateway/run/watchdog.hpp"

namespace tributary::run {

struct Watchdog::State {
    Timers& timers;
    Milliseconds limit;
    std::function<void()> act;
    SteadyTime fed;
    bool acted = false;
    std::stop_source ended;
};

Watchdog::Watchdog(const Executor& executor, Timers& timers, Milliseconds limit, std::function<void()> act)
    : state_(new State{timers, limit, std::move(act), timers.clock().steady(), false, {}}) {
    spawn(executor, watch(state_));
}

Watchdog::~Watchdog() {
    state_->act = nullptr;
    state_->ended.request_stop();
}

void Watchdog::feed() {
    state_->fed = state_->timers.clock().steady();
}

bool Watchdog::acted() const {
    return state_->acted;
}

Task<> Watchdog::watch(std::shared_ptr<State> state) {
    for (;;) {
        const auto due = state->fed + state->limit;
        if (due <= state->timers.clock().steady()) break;
        if (!co_await state->timers.sleep_until(due, state->ended.get_token())) co_return;
    }
    if (!state->act) co_return;
    state->acted = true;
    state->act();
}

}  // namespace tributary::run
