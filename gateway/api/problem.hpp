// Problem details (RFC 9457): how the admin face tells an Error.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/error.hpp"
#include "gateway/net/http.hpp"

namespace tributary::api {

// Who reads it: the local operator sees the cause itself. Others get a general text where the cause may name hosts, SQL
// or files (internal, transient, bad_config), and the request id to look it up in the log.
enum class Reader : std::uint8_t { local, other };

int status_of(Fault fault);
net::HttpResponse problem(const Error& error, std::string_view request_id, Reader reader);
net::HttpResponse problem(int status, const Error& error, std::string_view request_id, Reader reader);
// Whether `problem` tells others less than the error says.
bool hides_cause(Fault fault);

}  // namespace tributary::api
