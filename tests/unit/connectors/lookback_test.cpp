#include "connectors/data/sql/lookback.hpp"

#include <catch2/catch.hpp>

using tributary::connectors::sql::earlier_time;

TEST_CASE("a time is made earlier in the shape it has", "[sql]") {
    CHECK(earlier_time("2024-03-01T00:00:10.123456+00:00", 15'000) == "2024-02-29T23:59:55.123456+00:00");
    CHECK(earlier_time("2024-01-01 00:00:00", 1) == "2023-12-31 23:59:59");
    CHECK(earlier_time("2024-01-01 12:00:00+01", 3'600'000) == "2024-01-01 11:00:00+01");
    CHECK(earlier_time("2024-01-01", 1) == "2023-12-31");
    CHECK(earlier_time("2024-01-01", 86'400'001) == "2023-12-30");
    for (const auto* text :
         {"", "yesterday", "2024-13-01", "2024-02-30", "20240101", "2024-01-01X00:00:00", "2024-01-01 00:00"}) {
        INFO(text);
        CHECK(!earlier_time(text, 1000));
    }
}
