// start(): a coroutine that runs beside the one that started it, and is awaited later:
//
//   auto beside = run::start(executor, work());
//   ...
//   auto result = co_await run::end(beside);
//
// Dropping it, even while end() waits, cancels the coroutine.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/promise.hpp>
#include <boost/asio/experimental/use_promise.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "gateway/run/executor.hpp"
#include "gateway/run/task.hpp"

namespace tributary::run {

template <class T>
auto start(const Executor& executor, Task<T> task) {
    return boost::asio::co_spawn(executor, std::move(task), boost::asio::experimental::use_promise);
}

template <class T>
using Started = decltype(start(std::declval<Executor>(), std::declval<Task<T>>()));

// Once for each.
template <class Beside>
auto end(Beside& beside) {
    return std::move(beside)(boost::asio::use_awaitable);
}

}  // namespace tributary::run
