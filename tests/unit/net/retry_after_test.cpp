#include "gateway/net/retry_after.hpp"

#include <catch2/catch.hpp>

#include "gateway/net/http_date.hpp"
#include "gateway/net/status_fault.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using namespace tributary::net;
using namespace std::chrono_literals;

namespace {

const Timestamp kNow = parse_rfc3339("2026-01-05T12:00:00Z").value();

void check_wait(const std::optional<Milliseconds>& wait, const std::string& expected) {
    if (expected == "unreadable") {
        CHECK_FALSE(wait);
    } else {
        REQUIRE(wait);
        CHECK(wait->count() == to_integer(expected));
    }
}

}  // namespace

TEST_CASE("every Retry-After of the case file is read as it should be", "[retry_after]") {
    for (const auto& line : test::read_cases("retry_after/cases.txt", 3)) {
        INFO(line.place << " " << line.columns[0]);
        Headers headers{{"Retry-After", line.columns[0]}};
        if (line.columns[1] != "-") headers.emplace_back("Date", line.columns[1]);
        check_wait(retry_after(headers, kNow), line.columns[2]);
    }
}

TEST_CASE("every reset header of the case file is read as it should be", "[retry_after]") {
    for (const auto& line : test::read_cases("retry_after/resets.txt", 3)) {
        INFO(line.place << " " << line.columns[0]);
        auto unit = reset_unit_named(line.columns[1]);
        REQUIRE(unit);
        check_wait(parse_reset(line.columns[0], *unit, kNow), line.columns[2]);
    }
    CHECK_FALSE(reset_unit_named("hours"));
}

TEST_CASE("retry-after-ms wins over Retry-After when it is readable", "[retry_after]") {
    CHECK(retry_after({{"Retry-After", "60"}, {"retry-after-ms", "250"}}, kNow) == 250ms);
    CHECK(retry_after({{"Retry-After", "60"}, {"retry-after-ms", "x"}}, kNow) == 60s);
    CHECK_FALSE(retry_after({}, kNow));
}

TEST_CASE("a date is written as it is read", "[http_date]") {
    CHECK(format_http_date(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow).value()) ==
          "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(format_http_date(kNow) == "Mon, 05 Jan 2026 12:00:00 GMT");
    CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow) ==
          parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow));
    CHECK(parse_http_date("Sunday, 06-Nov-76 08:49:37 GMT", kNow) ==
          parse_http_date("Sat, 06 Nov 2076 08:49:37 GMT", kNow));
}

TEST_CASE("each status means one fault", "[status_fault]") {
    auto expect = [](std::optional<Fault> fault, std::initializer_list<int> statuses) {
        for (int status : statuses) {
            INFO(status);
            CHECK(fault_of_status(status) == fault);
        }
    };
    expect(std::nullopt, {200, 201, 202, 204, 206, 207});
    expect(Fault::bad_config, {301, 302, 303, 304, 307, 308, 402, 403, 407});
    expect(Fault::bad_input, {400, 405, 406, 411, 413, 414, 415, 417, 422, 428, 431, 451, 501, 505});
    expect(Fault::unauthorized, {401});
    expect(Fault::not_found, {404, 410});
    expect(Fault::conflict, {409, 412});
    expect(Fault::rate_limited, {429});
    expect(Fault::transient, {408, 421, 423, 425, 500, 502, 503, 504, 507, 520, 527, 529, 598, 599, 100, 0, 999});
}

TEST_CASE("overload weighs double on the breaker, a bad record nothing", "[status_fault]") {
    for (int status : {502, 503, 504, 529}) CHECK(breaker_weight(status) == 2);
    for (int status : {500, 507, 520, 599}) CHECK(breaker_weight(status) == 1);
    for (int status : {200, 301, 400, 401, 404, 408, 409, 422, 429, 501, 505}) CHECK(breaker_weight(status) == 0);
}

TEST_CASE("an error names its status and carries the hint, never the body", "[status_fault]") {
    HttpResponse response{.status = 503, .headers = {{"retry-after", "7"}}, .body = "secret detail"};
    auto error = error_of(response, kNow);
    REQUIRE(error);
    CHECK(error->fault == Fault::transient);
    CHECK(error->retry_after == 7s);
    CHECK(error->what == "the server answered 503 Service Unavailable");
    CHECK_FALSE(error_of({.status = 204}, kNow));
}

TEST_CASE("what is no wait may be longer than a day", "[retry_after]") {
    constexpr Milliseconds kTenYears = std::chrono::days{3650};
    CHECK(parse_reset("5184000", ResetUnit::seconds, kNow, kTenYears) == std::chrono::days{60});
    CHECK(parse_reset("99999999999", ResetUnit::seconds, kNow, kTenYears) == kTenYears);
    const auto in_march = std::to_string((kNow + std::chrono::days{80}).time_since_epoch() / std::chrono::seconds{1});
    CHECK(parse_reset(in_march, ResetUnit::epoch_seconds, kNow, kTenYears) == std::chrono::days{80});
    CHECK(parse_reset("5184000", ResetUnit::seconds, kNow) == kLongestWait);
}
