#include "gateway/net/http_head.hpp"

#include <catch2/catch.hpp>

#include "gateway/net/chunked_body.hpp"
#include "gateway/net/http_reply.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using namespace tributary::net;

namespace {

// As the server does it: what scan_head() finds bad is a bare LF.
std::expected<RequestHead, Refusal> read_head(const std::string& bytes) {
    std::size_t size = 0;
    auto scan = scan_head(bytes, size);
    if (scan == HeadScan::bad) return std::unexpected(Refusal{400, "bare LF"});
    REQUIRE(scan == HeadScan::complete);
    return parse_head(std::string_view(bytes).substr(0, size));
}

std::string described(const RequestHead& head) {
    auto text = std::string(head.method) + " " + std::string(head.target) + " ";
    if (head.chunked)
        text += "chunked";
    else
        text += head.content_length ? std::to_string(*head.content_length) : "none";
    return text + (head.keep_alive ? "" : " close");
}

std::string decoded(std::string_view bytes, std::size_t limit, std::size_t piece, ChunkedBody::Step& step,
                    std::string& rest) {
    ChunkedBody body(limit);
    std::string out;
    step = ChunkedBody::Step::more;
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t used = 0;
        step = body.feed(bytes.substr(at, piece), used, out);
        at += used;
        if (step == ChunkedBody::Step::more) continue;
        rest = bytes.substr(at);
        break;
    }
    return out;
}

}  // namespace

TEST_CASE("every head of the smuggling corpus is read in one way or refused", "[http_head][req14]") {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/http_head/cases.txt");
    std::string text;
    int cases = 0;
    for (int number = 1; std::getline(file, text); ++number) {
        if (text.empty() || text.starts_with('#')) continue;
        INFO("cases.txt:" << number << " " << text);
        auto bar = text.rfind(" | ");
        REQUIRE(bar != std::string::npos);
        auto expected = text.substr(bar + 3);
        auto bytes = test::unescaped(text.substr(0, bar)) + "\r\n\r\n";
        auto head = read_head(bytes);
        if (expected.starts_with("ok ")) {
            REQUIRE(head);
            CHECK(described(*head) == expected.substr(3));
        } else {
            REQUIRE_FALSE(head);
            CHECK(head.error().status == to_integer(expected.substr(0, 3)));
            CHECK(std::string(head.error().reason).find(expected.substr(4)) != std::string::npos);
        }
        ++cases;
    }
    CHECK(cases >= 100);
}

TEST_CASE("a head that arrives byte by byte ends where it ends at once", "[http_head]") {
    std::string bytes = "POST /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\nbody\r\n\r\n";
    std::size_t scanned = 0;
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        auto scan = scan_head(std::string_view(bytes).substr(0, size), scanned);
        if (scan == HeadScan::complete) {
            CHECK(size == bytes.find("body"));
            CHECK(scanned == size);
            return;
        }
        REQUIRE(scan == HeadScan::incomplete);
    }
    FAIL("the end was not found");
}

TEST_CASE("too many headers and too long targets have their own answers", "[http_head]") {
    std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 64; ++i) many += "X: 1\r\n";
    CHECK(read_head(many + "\r\n").error().status == 431);
    CHECK(read_head("GET /" + std::string(4096, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").error().status == 414);
    CHECK(read_head("GET /" + std::string(4095, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"));
}

TEST_CASE("chunks are put together however they arrive", "[chunked]") {
    std::string bytes = "5\r\nhello\r\n1;name=\"v\"\r\n \r\n00A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\nGET /";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        ChunkedBody::Step step{};
        std::string rest;
        CHECK(decoded(bytes, 100, piece, step, rest) == "hello 0123456789");
        CHECK(step == ChunkedBody::Step::done);
        CHECK(rest == "GET /");
    }
}

TEST_CASE("malformed chunks are refused", "[chunked][req14]") {
    auto long_extension = "1;" + std::string(300, 'x') + "\r\n";
    auto long_trailer = "0\r\nX: " + std::string(5000, 'x') + "\r\n\r\n";
    for (std::string bad : {"\r\n",
                            "x\r\n",
                            "-1\r\n",
                            "+1\r\n",
                            "0x1\r\na\r\n",
                            " 1\r\na\r\n",
                            "1 \r\na\r\n",
                            "1\na\r\n",
                            "1\r\na\n",
                            "1\r\nab\r\n",
                            "1\r\na\r\r\n",
                            "00000000000000001\r\na\r\n",
                            "1;\x01\r\na\r\n",
                            "1;a\nb\r\na\r\n",
                            "1\ra\r\n",
                            "0\r\n\n",
                            "0\r\nX: 1\n\r\n",
                            "0\r\n X: 1\r\n\r\n",
                            "0\r\nX:\x01\r\n\r\n",
                            "0\r\n\rx",
                            long_extension.c_str(),
                            long_trailer.c_str()}) {
        INFO(bad);
        ChunkedBody::Step step{};
        std::string rest;
        decoded(bad, 1000, bad.size(), step, rest);
        CHECK(step == ChunkedBody::Step::bad);
    }
}

TEST_CASE("a body beyond its limit is refused before its bytes are taken", "[chunked]") {
    for (std::string large : {"b\r\n", "5\r\nhello\r\n6\r\n", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n"}) {
        ChunkedBody::Step step{};
        std::string rest;
        CHECK(decoded(large, 10, 3, step, rest).size() <= 10);
        CHECK(step == ChunkedBody::Step::too_large);
    }
    ChunkedBody::Step step{};
    std::string rest;
    CHECK(decoded("a\r\n0123456789\r\n0\r\n\r\n", 10, 100, step, rest).size() == 10);
    CHECK(step == ChunkedBody::Step::done);
}

TEST_CASE("a reply frames itself, whatever the handler said about framing", "[http_reply]") {
    std::string out;
    HttpResponse response{
        .status = 202,
        .headers = {{"Content-Type", "text/plain"}, {"content-length", "99"}, {"Transfer-Encoding", "chunked"}},
        .body = "ok"};
    REQUIRE(write_reply(response, {.close = true, .date = "D"}, out));
    CHECK(out ==
          "HTTP/1.1 202 Accepted\r\nDate: D\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: "
          "close\r\n\r\nok");
    out.clear();
    REQUIRE(write_reply({.body = "ok"}, {.head_request = true, .date = "D"}, out));
    CHECK(out == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\n\r\n");
    out.clear();
    REQUIRE(write_reply({.status = 204, .body = "ignored"}, {.date = "D"}, out));
    CHECK(out == "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n");
    out.clear();
    CHECK_FALSE(write_reply({.headers = {{"X", "a\r\nSet-Cookie: b"}}}, {}, out));
    CHECK_FALSE(write_reply({.headers = {{"X:", "a"}}}, {}, out));
    CHECK(out.empty());
}
