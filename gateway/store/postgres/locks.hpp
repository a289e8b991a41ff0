// The advisory locks of the store, one set for each database. Held by transactions alone.
#pragma once

#include <cstdint>

namespace tributary::store {

inline constexpr std::int64_t kWriterLock = 0x7472'6962'0001;    // whoever writes
inline constexpr std::int64_t kWebhooksLock = 0x7472'6962'0002;  // shared: takes webhooks in; alone: retires a key
inline constexpr std::int64_t kSchemaLock = 0x7472'6962'0003;    // whoever migrates
inline constexpr std::int64_t kOutcomeLock = 0x7472'6962'0004;   // nobody waits for it

}  // namespace tributary::store
