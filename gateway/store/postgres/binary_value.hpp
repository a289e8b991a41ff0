// How values travel between PostgreSQL and the tables: big-endian integers, bytes as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tributary::store {

// Types by their number in pg_type.h.
enum PostgresType : std::uint32_t {
    kPgBool = 16,
    kPgBytea = 17,
    kPgInt8 = 20,
    kPgInt2 = 21,
    kPgInt4 = 23,
    kPgText = 25,
    kPgNumeric = 1700,
};

// An integer in the binary form of that type, appended; false when it does not fit or the type has none.
bool put_integer(std::string& into, std::uint32_t type, std::int64_t value);
// The whole part of a number in binary form; 0 for what is none. Foreign bytes: never reads beyond them.
std::int64_t get_integer(std::uint32_t type, std::string_view bytes);

}  // namespace tributary::store
