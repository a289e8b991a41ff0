#include "gateway/connector/native/calls.hpp"

namespace tributary::connector::native {

using namespace std::chrono_literals;

run::Task<Turns::Turn> Turns::wait() {
    while (taken_) {
        auto called = std::make_shared<std::stop_source>();
        waiting_.push_back(called);
        // Every call has a limit, so the turn comes; an hour is only what a timer needs.
        std::ignore = co_await timers_.sleep_for(1h, called->get_token());
        std::erase(waiting_, called);
    }
    taken_ = true;
    co_return Turn(*this);
}

void Turns::next() {
    taken_ = false;
    if (waiting_.empty()) return;
    waiting_.front()->request_stop();
}

void write_log(Log& log, std::string_view connection, int level, std::string_view message) {
    const Log::Fields fields = {{"connection", connection}, {"message", message}};
    switch (level) {
        case 0:
            return log.debug("plug-in", fields);
        case 1:
            return log.info("plug-in", fields);
        case 2:
            return log.warn("plug-in", fields);
        default:
            return log.error("plug-in", fields);
    }
}

}  // namespace tributary::connector::native
