// OneFlight: however many coroutines need a piece of work done, it runs once, and all of them get its outcome. Used on
// one loop alone.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"

namespace tributary::connector {

class OneFlight {
  public:
    // Returns at once when `done()`, waits for the work that is running, else awaits `work()`, a Task<Result<void>>.
    // Those who waited for work that failed get its error and do not try again themselves.
    template <class Done, class Work>
    run::Task<Result<void>> ensure(Done done, Work work) {
        while (running_) {
            const auto attempt = running_;
            co_await attempt->done.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
            if (attempt->outcome && !*attempt->outcome) co_return *attempt->outcome;
        }
        if (done()) co_return Result<void>{};
        running_ = std::make_shared<Attempt>(co_await boost::asio::this_coro::executor);
        // Wakes the others also when this coroutine is dropped in the middle; they then do it themselves.
        struct Leave {
            OneFlight& flight;
            ~Leave() {
                flight.running_->done.cancel();
                flight.running_.reset();
            }
        } leave{*this};
        auto outcome = co_await work();
        running_->outcome = outcome;
        co_return outcome;
    }

  private:
    struct Attempt {
        explicit Attempt(boost::asio::any_io_executor executor)
            : done(executor, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer done;  // never fires; cancelled when the work has ended
        std::optional<Result<void>> outcome;
    };
    std::shared_ptr<Attempt> running_;  // those who wait hold it too
};

}  // namespace tributary::connector
