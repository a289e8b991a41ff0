// HTTP replies as bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "gateway/net/http.hpp"

namespace tributary::net {

struct ReplyForm {
    bool head_request = false;  // the body's length is told, the body left out
    bool close = false;         // the connection ends after it
    std::string_view date;      // an HTTP-date
};

// Appends the reply to `out`. Framing headers (Content-Length, Transfer-Encoding, Connection, Date) are ours: those of
// the response are left out. False, with `out` untouched, when a header could not stand in a header line.
bool write_reply(const HttpResponse& response, const ReplyForm& form, std::string& out);

}  // namespace tributary::net
