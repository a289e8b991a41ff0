// TID: the record keys of the AT Protocol, made so that the same record always gets the same key.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"

namespace tributary::connector {

// 13 signs of base32-sortable: 53 bits of microseconds since 1970, 10 bits of clock id (atproto.com, specs/tid). `at`
// gives the milliseconds, a hash of `salt` what is finer, so that keys sort by time and two records of one moment
// differ.
std::string make_tid(Timestamp at, std::string_view salt);

}  // namespace tributary::connector
