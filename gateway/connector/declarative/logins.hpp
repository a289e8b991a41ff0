// Logins: the sessions of one connection. However many calls need one at the same time, one login is in flight; all of
// them get its outcome, so a wrong password is not tried again by each. Used on the connection's loop alone.
#pragma once

#include <vector>

#include "gateway/connector/declarative/one_flight.hpp"
#include "gateway/connector/declarative/session.hpp"

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
        return seat.flight.ensure([&seat, &clock] { return seat.session.fresh(clock.now()); }, std::move(log_in));
    }

  private:
    struct Seat {
        Session session;
        OneFlight flight;
    };
    std::vector<Seat> seats_;
};

}  // namespace tributary::connector
