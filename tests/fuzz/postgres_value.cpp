// Numbers as a PostgreSQL server sends them: the first byte chooses the type. What is an integer survives a round.
#include "gateway/store/postgres/binary_value.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace tributary::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const PostgresType types[] = {kPgInt8, kPgNumeric, kPgInt4, kPgInt2, kPgBool, kPgText};
    const auto type = types[data[0] % 6];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto number = get_integer(type, bytes);
    std::string wire;
    if (!put_integer(wire, kPgInt8, number) || get_integer(kPgInt8, wire) != number) std::abort();
    return 0;
}
