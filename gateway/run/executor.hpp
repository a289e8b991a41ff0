// Loop and Pool: where coroutines run and where blocking work goes. A coroutine never blocks its loop: on(pool, f).
//
// Threads: a Loop has one thread, so what runs on it needs no lock. Lifetime: a Loop or Pool outlives what runs on it;
// destroying a Loop stops it and drops its suspended coroutines.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "gateway/run/task.hpp"

namespace tributary::run {

using Executor = boost::asio::any_io_executor;

class Loop {
  public:
    // `name` shows in thread lists; the system cuts it at 15 characters.
    explicit Loop(std::string name);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs the loop on a thread of its own until stop(). A loop that is never started is driven by its owner:
    // run_blocking() and run_ready(), on the calling thread.
    void start();
    bool started() const { return thread_.joinable(); }
    // Leaves at once, whatever is pending, and joins the thread. REQUIRES: not called on the loop's own thread.
    void stop();
    // REQUIRES: not started. Runs what is ready now and returns how many handlers ran.
    std::size_t run_ready();

    // Starts a coroutine that nobody awaits. An exception that escapes it is a bug and ends the process.
    void spawn(Task<> task);

    boost::asio::io_context& context() { return context_; }
    Executor executor() { return context_.get_executor(); }

  private:
    std::string name_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_{context_.get_executor()};
    std::thread thread_;
};

// A fixed number of threads for blocking calls and for computing. Work starts in the order it was given.
class Pool {
  public:
    // REQUIRES: threads >= 1.
    Pool(std::string name, std::size_t threads);
    // Waits for what is running; what has not begun is dropped.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    Executor executor() { return context_.get_executor(); }

  private:
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_{context_.get_executor()};
    std::vector<std::thread> threads_;
};

// Starts a coroutine that nobody awaits, on any executor; as Loop::spawn.
void spawn(Executor executor, Task<> task);

namespace detail {
template <class F, class T>
Task<T> call(F f) {
    co_return f();
}
}  // namespace detail

// Calls f() on the pool and resumes the caller, on its own executor, with what f returned or threw.
template <class F, class T = std::invoke_result_t<F&>>
Task<T> on(Pool& pool, F f) {
    co_return co_await boost::asio::co_spawn(pool.executor(), detail::call<F, T>(std::move(f)),
                                             boost::asio::use_awaitable);
}

// Runs a task to its end and returns its result or throws what escaped it. For tests, commands and main; never on a
// loop's own thread. A started loop does the work on its thread, another one on the calling thread.
template <class T>
T run_blocking(Loop& loop, Task<T> task);
// The same on a loop made for this one task.
template <class T>
T run_blocking(Task<T> task) {
    Loop loop("blocking");
    return run_blocking(loop, std::move(task));
}

namespace detail {
// Blocks until set() when the loop has its own thread, else drives it.
class Completion {
  public:
    explicit Completion(Loop& loop) : loop_(loop) {}
    void set(std::exception_ptr error);
    // Throws what set() was given.
    void wait();

  private:
    Loop& loop_;
    std::promise<void> promise_;
    bool done_ = false;  // used without a thread only
};
}  // namespace detail

template <class T>
T run_blocking(Loop& loop, Task<T> task) {
    detail::Completion completion(loop);
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(loop.executor(), std::move(task),
                              [&](std::exception_ptr error) { completion.set(error); });
        completion.wait();
    } else {
        std::optional<T> result;
        boost::asio::co_spawn(loop.executor(), std::move(task), [&](std::exception_ptr error, T value) {
            if (!error) result.emplace(std::move(value));
            completion.set(error);
        });
        completion.wait();
        return std::move(*result);
    }
}

}  // namespace tributary::run
