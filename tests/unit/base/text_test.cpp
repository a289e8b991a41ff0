#include "gateway/base/text.hpp"

#include <catch2/catch.hpp>

#include "gateway/base/base64.hpp"
#include "gateway/base/duration.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/uid.hpp"

using namespace tributary;

TEST_CASE("split keeps empty pieces", "[text]") {
    CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
}

TEST_CASE("the nearest name is found, a far one is not", "[text]") {
    CHECK(nearest("shedule", {"schedule", "mapping"}) == "schedule");
    CHECK(nearest("nmae", {"name", "kind"}) == "name");
    CHECK(nearest("colour", {"schedule", "mapping"}) == std::nullopt);
}

TEST_CASE("durations and sizes read back as they were written", "[duration]") {
    CHECK(parse_duration("72h").value() == std::chrono::hours{72});
    CHECK(format_duration(std::chrono::hours{72}) == "3d");
    CHECK(parse_size("1MB").value() == 1048576);
    for (auto bad : {"", "5", "5 s", "-1s", "s", "1.5h", "99999999999999999999s", "9223372036854775807d"})
        CHECK_FALSE(parse_duration(bad));
}

TEST_CASE("base64 refuses what it did not write", "[base64]") {
    CHECK(to_base64("hello") == "aGVsbG8=");
    CHECK(from_base64("aGVsbG8=") == "hello");
    CHECK(from_base64("aGVsbG8") == "hello");
    for (auto bad : {"a", "aGVsbG8==", "aGVsbG9=x", "aGVs bG8=", "aGVsbG9"}) CHECK(from_base64(bad) == std::nullopt);
}

TEST_CASE("hex goes both ways", "[hex]") {
    CHECK(from_hex(to_hex("\x00\xffz")) == std::string("\x00\xffz"));
    CHECK(from_hex("0g") == std::nullopt);
}

TEST_CASE("uids sort by time and parse from their text", "[uid]") {
    auto early = Uid::v7(Timestamp{Milliseconds{1000}}, {9, 9, 9}), late = Uid::v7(Timestamp{Milliseconds{1001}}, {});
    CHECK(early < late);
    CHECK(Uid::parse(early.text()) == early);
    CHECK(early.text()[14] == '7');
    CHECK_FALSE(Uid::parse("not-a-uid"));
}

TEST_CASE("a log line is one JSON object and keeps control characters out", "[log]") {
    Log log(LogLevel::info, Log::Target::memory);
    log.info("sync \"done\"\n", {{"records", 3}, {"ok", true}, {"stream", "a\x1b[31m"}});
    auto line = log.captured();
    CHECK(line.find(R"("event":"sync \"done\"\u000a","records":3,"ok":true,"stream":"a\u001b[31m"})") !=
          std::string::npos);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
}
