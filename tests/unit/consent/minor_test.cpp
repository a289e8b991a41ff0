#include "gateway/consent/minor.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/timestamp.hpp"

using namespace tributary;
using namespace tributary::consent;

TEST_CASE("who is too young to consent depends on the country and the day", "[consent]") {
    auto now = *record::parse_timestamp("2026-06-15T12:00:00Z");
    auto minor = [&](std::string_view birth, std::string_view country) {
        return is_minor(*record::parse_partial_date(birth), country, now);
    };
    CHECK(minor("2010-06-16", "DE"));        // 15 until tomorrow
    CHECK_FALSE(minor("2010-06-15", "DE"));  // 16 today
    CHECK_FALSE(minor("2011-01-01", "AT"));  // 15, and 14 is enough
    CHECK(minor("2012-07-01", "CN"));
    CHECK_FALSE(minor("2012-06-01", "CN"));
    CHECK(minor("2013-07-01", "US-CA"));
    CHECK(minor("2010", ""));           // 16 at the end of the year, perhaps not yet
    CHECK_FALSE(minor("2009", ""));     // 16 whenever it was
    CHECK(minor("2010-06", "DE"));      // perhaps on the 30th
    CHECK_FALSE(minor("--06-15", ""));  // nobody can tell
    CHECK(age_of_consent("FR") == 15);
    CHECK(age_of_consent("") == 16);
}
