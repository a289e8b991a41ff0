#include "gateway/value/multipart.hpp"

#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"
#include "tests/unit/value/cases.hpp"

using namespace tributary;
using namespace tributary::value;

TEST_CASE("each multipart case is read or refused with its reason", "[multipart]") {
    for (const auto& one : test::read_cases("multipart/read.case")) {
        INFO(one.title);
        // Case files end lines with LF; both forms must be read alike.
        for (const bool crlf : {false, true}) {
            std::string body;
            for (const char c : one.bytes("input")) {
                if (c == '\n' && crlf) body += '\r';
                body += c;
            }
            const auto parsed = parse_multipart(body);
            if (one.parts.contains("refuse")) {
                REQUIRE(!parsed);
                CHECK(parsed.error().text() == one.part("refuse"));
            } else {
                REQUIRE(parsed);
                CHECK(to_json(parsed->root()) == one.part("expect"));
            }
        }
    }
}

TEST_CASE("bytes that are no UTF-8 are kept", "[multipart]") {
    const auto parsed = parse_multipart("--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n\xE4\r\n--b--\r\n");
    REQUIRE(parsed);
    CHECK(to_json(parsed->root()) == R"({"t":{"base64":"5A=="}})");
    CHECK(parse_multipart("--b\nContent-Disposition: form-data; name=a\n\n1\n--b\nContent-Disposition: form-data; "
                          "name=b\n\n2\n--b--",
                          1)
              .error()
              .what == "more than 1 parts");
}
