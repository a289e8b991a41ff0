// What a lane knows of its items once some of them are gone: ?1 the lane, ?2 how many.
#pragma once

namespace tributary::store {

inline constexpr const char* kShrinkLane =
    "UPDATE lane SET depth = depth - ?2, "
    "head_at = coalesce((SELECT created_at FROM item WHERE lane = ?1 ORDER BY seq LIMIT 1), head_at) WHERE id = ?1";

}  // namespace tributary::store
