// How many entries the inbox holds, and the time of the oldest, without reading the bodies' table through: claimed
// entries are counted by their narrow rows; the ids of the fresh ones, above the claimed, have no gaps. Where several
// processes put entries there are gaps, and all are counted.
#pragma once

#include "gateway/store/sql/connection.hpp"

namespace tributary::store {

inline constexpr const char* kInboxDepth =
    "SELECT (SELECT count(*) FROM inbox_work) + "
    "coalesce((SELECT max(id) FROM inbox) - "
    "(SELECT min(id) FROM inbox WHERE id > coalesce((SELECT max(id) FROM inbox_work), 0)) + 1, 0), "
    "(SELECT received_at FROM inbox ORDER BY id LIMIT 1)";

inline constexpr const char* kSharedInboxDepth =
    "SELECT (SELECT count(*) FROM inbox), (SELECT received_at FROM inbox ORDER BY id LIMIT 1)";

inline const char* inbox_depth(const Connection& connection) {
    return connection.shared() ? kSharedInboxDepth : kInboxDepth;
}

}  // namespace tributary::store
