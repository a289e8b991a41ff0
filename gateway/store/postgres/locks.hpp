// The advisory locks of the store, one set for each database. Held by transactions alone.
#pragma once

#include <cstdint>

#include "gateway/base/uid.hpp"

namespace tributary::store {

inline constexpr std::int64_t kWriterLock = 0x7472'6962'0001;    // whoever writes
inline constexpr std::int64_t kWebhooksLock = 0x7472'6962'0002;  // shared: takes webhooks in; alone: retires a key
inline constexpr std::int64_t kSchemaLock = 0x7472'6962'0003;    // whoever migrates
// Whoever takes webhooks in holds one of its own, so that it can wait for the end of a transaction that it lost.
inline std::int64_t node_lock(const Uid& node) {
    std::uint64_t key = 0;
    for (std::size_t i = 8; i < 16; ++i) key = (key << 8) | node.bytes[i];
    return static_cast<std::int64_t>(key);
}

}  // namespace tributary::store
