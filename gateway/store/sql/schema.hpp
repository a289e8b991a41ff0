// The schema and its migrations: numbered, append-only. Written in SQLite's words; other engines translate its types.
#pragma once

#include <span>

namespace tributary::store {

// The n-th entry leads from version n to n + 1, in one transaction with its number.
std::span<const char* const> migrations();

}  // namespace tributary::store
