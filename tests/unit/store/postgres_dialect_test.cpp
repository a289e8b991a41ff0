#include "gateway/store/postgres/dialect.hpp"

#include "gateway/store/postgres/binary_value.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using namespace tributary::store;

TEST_CASE("statements of the tables are said in PostgreSQL's words", "[store]") {
    for (const auto& line : test::read_cases("store/postgres_statements.txt", 2)) {
        INFO(line.place);
        CHECK(postgres_statement(line.columns[0]).sql == line.columns[1]);
    }
}

TEST_CASE("steps of the schema are said in PostgreSQL's words", "[store]") {
    for (const auto& line : test::read_cases("store/postgres_schema.txt", 2)) {
        INFO(line.place);
        CHECK(postgres_schema(line.columns[0]) == line.columns[1]);
    }
}

TEST_CASE("parameters that a statement leaves out have no place in it", "[store]") {
    const auto made = postgres_statement("SELECT 1 WHERE a = ?3 AND b = ?1");
    CHECK(made.parameters == 2);
    CHECK(made.places == std::vector{0, 2, 0, 1});
}

TEST_CASE("integers travel in the size of their type", "[store]") {
    for (const std::int64_t number :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{300}, std::int64_t{-70'000},
          std::int64_t{1} << 40, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        for (const auto type : {kPgInt2, kPgInt4, kPgInt8}) {
            std::string wire;
            if (put_integer(wire, type, number)) CHECK(get_integer(type, wire) == number);
        }
    }
    std::string wire;
    CHECK_FALSE(put_integer(wire, kPgInt4, std::int64_t{1} << 31));
    CHECK(put_integer(wire, kPgInt4, (std::int64_t{1} << 31) - 1));
    CHECK_FALSE(put_integer(wire, kPgText, 1));
}

TEST_CASE("a sum comes as a numeric, of which the whole part counts", "[store]") {
    using namespace std::string_literals;
    CHECK(get_integer(kPgNumeric, "\0\0\0\0\0\0\0\0"s) == 0);
    CHECK(get_integer(kPgNumeric, "\0\1\0\0\0\0\0\0\0\x2a"s) == 42);
    CHECK(get_integer(kPgNumeric, "\0\1\0\1\0\0\0\0\0\1"s) == 10'000);  // no digit for the zeros
    CHECK(get_integer(kPgNumeric, "\0\2\0\1\x40\0\0\0\0\1\0\2"s) == -10'002);
    CHECK(get_integer(kPgNumeric, "\0\1\x7f\xff\0\0\0\0\0\1"s) == 0);
    CHECK(get_integer(kPgNumeric, "\0\1"s) == 0);
}
