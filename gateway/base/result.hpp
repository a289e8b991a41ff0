// Result: a value or an Error. Expected failure is a value; an exception is a bug.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/base/error.hpp"

namespace tributary {

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Fault fault, std::string what, std::string where = {}) {
    return std::unexpected(Error{fault, std::move(what), std::move(where)});
}

inline std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

// Passes the error of a failed result on, with an outer place added when one is given.
template <class T>
std::unexpected<Error> pass(Result<T>&& failed) {
    return std::unexpected(std::move(failed).error());
}
template <class T>
std::unexpected<Error> pass(Result<T>&& failed, std::string_view place) {
    return std::unexpected(std::move(failed).error().in(place));
}

}  // namespace tributary

#define TRIBUTARY_JOIN_(a, b) a##b
#define TRIBUTARY_JOIN(a, b) TRIBUTARY_JOIN_(a, b)

// TRY(auto page, parse(text)) declares `page` or returns the error. CO_TRY does so in a coroutine.
#define TRY(declaration, expression) \
    TRIBUTARY_TRY_(return, TRIBUTARY_JOIN(result_, __COUNTER__), declaration, expression)
#define CO_TRY(declaration, expression) \
    TRIBUTARY_TRY_(co_return, TRIBUTARY_JOIN(result_, __COUNTER__), declaration, expression)
#define TRIBUTARY_TRY_(leave, result, declaration, expression)     \
    auto result = (expression);                                    \
    if (!result) leave std::unexpected(std::move(result).error()); \
    declaration = std::move(*result)

// CHECK_OK(store.close()) is TRY for a Result<void>.
#define CHECK_OK(expression) TRIBUTARY_CHECK_(return, TRIBUTARY_JOIN(result_, __COUNTER__), expression)
#define CO_CHECK_OK(expression) TRIBUTARY_CHECK_(co_return, TRIBUTARY_JOIN(result_, __COUNTER__), expression)
#define TRIBUTARY_CHECK_(leave, result, expression) \
    if (auto result = (expression); !result) leave std::unexpected(std::move(result).error())
