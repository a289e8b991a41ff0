// The heavy, never-changing half of every coroutine translation unit.
#pragma once
#include <boost/asio.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
