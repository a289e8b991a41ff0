// Logins: the sessions of one connection. However many calls need one at the same time, one login is in flight; all of
// them get its outcome, so a wrong password is not tried again by each. Used on the connection's loop alone.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/connector/declarative/session.hpp"
#include "gateway/run/task.hpp"

namespace tributary::connector {

class Logins {
  public:
    explicit Logins(std::size_t count) : seats_(count) {}

    const Session& session(std::size_t index) const { return seats_[index].session; }
    Session& session(std::size_t index) { return seats_[index].session; }

    // Returns at once when the session is fresh, waits for a login that is running, else awaits `log_in`, which fills
    // the session. `log_in` is a function that gives a Task<Result<void>>.
    template <class LogIn>
    run::Task<Result<void>> ensure(std::size_t index, const Clock& clock, LogIn log_in) {
        auto& seat = seats_[index];
        while (seat.running) {
            const auto attempt = seat.running;
            co_await attempt->done.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            if (attempt->outcome && !*attempt->outcome) co_return *attempt->outcome;
        }
        if (seat.session.fresh(clock.now())) co_return Result<void>{};
        seat.running = std::make_shared<Attempt>(co_await boost::asio::this_coro::executor);
        // Wakes the others also when this coroutine is dropped in the middle; they then log in themselves.
        struct Leave {
            Seat& seat;
            ~Leave() {
                seat.running->done.cancel();
                seat.running.reset();
            }
        } leave{seat};
        auto outcome = co_await log_in();
        seat.running->outcome = outcome;
        co_return outcome;
    }

  private:
    struct Attempt {
        explicit Attempt(boost::asio::any_io_executor executor)
            : done(executor, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer done;  // never fires; cancelled when the login has ended
        std::optional<Result<void>> outcome;
    };
    struct Seat {
        Session session;
        std::shared_ptr<Attempt> running;  // those who wait hold it too
    };
    std::vector<Seat> seats_;
};

}  // namespace tributary::connector
