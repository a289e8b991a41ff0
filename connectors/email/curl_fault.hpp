// What a failure of libcurl says to whoever talks to a mail server.
#pragma once

#include <curl/curl.h>

#include "gateway/base/fault.hpp"

namespace tributary::connectors::email {

// transient unless the login or the settings are to blame.
Fault curl_fault(CURLcode code);

}  // namespace tributary::connectors::email
