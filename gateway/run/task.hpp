// Task: a coroutine that runs on an Asio executor. It starts when awaited.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace tributary::run {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace tributary::run
