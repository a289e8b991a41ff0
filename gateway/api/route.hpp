// Route: one method and path of the admin face. Most lead to an operation, whose permission guards them; the others say
// by themselves who may ask. A table with an undeclared route is refused as a whole, and the gateway does not start.
//
// Path templates have names in braces, "/v1/customers/{customer}": each is an argument of the operation. The query of a
// GET or DELETE and the JSON object of a POST or PUT hold the others.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/operation_info.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::api {

// named: by the operation that the path names. metrics: by metrics.read where the configuration asks for it, else open.
enum class Guard : std::uint8_t { undeclared, operation, named, open, permission, metrics };

struct Route {
    std::string_view method, path;
    Guard guard = Guard::undeclared;
    std::string_view operation;       // guard operation
    access::Permission permission{};  // guard permission
    std::string_view about;
};

// A route of an operation.
constexpr Route serves(std::string_view method, std::string_view path, std::string_view operation,
                       std::string_view about) {
    return {method, path, Guard::operation, operation, {}, about};
}

// bad_config names the route that declares no guard, whose operation or argument is unknown, or that comes twice.
Result<void> check_routes(std::span<const Route> routes, std::span<const OperationInfo> operations);

struct Matched {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> names;  // those of the template, decoded
};
// not_found; bad_input when the path is served, but not with this method: then `where` holds the methods that are.
Result<Matched> match(std::span<const Route> routes, std::string_view method, std::string_view path);

// The arguments of the operation: names of the path, then query or body. A list that goes on takes `limit` (1 to 500)
// and `cursor`. bad_input: what does not fit, or is said twice.
Result<value::Document> bind_arguments(const OperationInfo& operation, const Matched& matched, std::string_view query,
                                       std::string_view body);

// A cursor is opaque to clients and good for its own operation alone.
constexpr std::int64_t kMostInPage = 500;
std::string write_cursor(std::string_view operation, value::Node after);
// The answer of an operation with `next` as a cursor.
value::Document with_cursor(std::string_view operation, value::Document answer);

}  // namespace tributary::api
