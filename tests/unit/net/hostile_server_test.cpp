#include <catch2/catch.hpp>
#include <fstream>

#include "tests/unit/net/calling.hpp"

using namespace tributary;
using namespace tributary::net;
using namespace tributary::test;
using namespace std::chrono_literals;

namespace {

// 4 MB of blanks in 4 KB.
std::string gzip_bomb() {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/hostile/blanks.gz", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("answers that are broken or without end cost no more than the limits", "[curl_client][req12]") {
    HttpResult outcome;
    std::string words;
    SECTION("an endless body") {
        words = "longer than 100000 bytes";
        RawServer peer([](tcp::socket& socket) {
            RawServer::read_request(socket);
            RawServer::send(socket, "HTTP/1.1 200 OK\r\n\r\n");
            std::string piece(10000, 'x');
            boost::system::error_code ec;
            while (!ec) boost::asio::write(socket, boost::asio::buffer(piece), ec);
        });
        auto options = toward(peer.port());
        options.max_body = 100000;
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("endless headers") {
        words = "headers are longer";
        RawServer peer([](tcp::socket& socket) {
            RawServer::read_request(socket);
            RawServer::send(socket, "HTTP/1.1 200 OK\r\n");
            boost::system::error_code ec;
            while (!ec)
                boost::asio::write(socket, boost::asio::buffer("X-Filler: aaaaaaaaaaaaaaaaaaaaaaaa\r\n", 36), ec);
        });
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("a body that trickles") {
        words = "in time";
        RawServer peer([](tcp::socket& socket) {
            RawServer::read_request(socket);
            RawServer::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
            RawServer::wait_for_close(socket);
        });
        auto options = toward(peer.port());
        options.total_timeout = 100ms;
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("a body slower than the lowest speed") {
        words = "in time";
        RawServer peer([](tcp::socket& socket) {
            RawServer::read_request(socket);
            RawServer::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
            RawServer::wait_for_close(socket);
        });
        auto options = toward(peer.port());
        options.total_timeout = 60s;
        options.low_speed_time = 1s;
        auto began = std::chrono::steady_clock::now();
        outcome = Calling().send({"POST", peer.url()}, options);
        CHECK(std::chrono::steady_clock::now() - began < 30s);
    }
    SECTION("no answer") {
        words = "in time";
        RawServer peer([](tcp::socket& socket) { RawServer::wait_for_close(socket); });
        auto options = toward(peer.port());
        options.total_timeout = 100ms;
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("a body shorter than announced") {
        words = "before its announced length";
        RawServer peer(answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"));
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("chunks that end early") {
        words = "before its announced length";
        RawServer peer(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"));
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("an early close") {
        words = "without an answer";
        RawServer peer([](tcp::socket& socket) { RawServer::read_request(socket); });
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("no HTTP at all") {
        RawServer peer(answering("SSH-2.0-OpenSSH_9.2\r\n"));
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("two different lengths") {
        RawServer peer(answering("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nshort"));
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("a compression bomb") {
        words = "honest ratio";
        auto bomb = gzip_bomb();
        RawServer peer(answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                                 std::to_string(bomb.size()) + "\r\n\r\n" + bomb));
        auto options = toward(peer.port());
        options.max_body = 1 << 30;
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    SECTION("compression that is none") {
        RawServer peer(answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"));
        auto options = toward(peer.port());
        outcome = Calling().send({"POST", peer.url()}, options);
    }
    REQUIRE_FALSE(outcome);
    INFO(outcome.error().error.text());
    CHECK(outcome.error().ambiguous);
    CHECK(outcome.error().error.fault == Fault::transient);
    CHECK(outcome.error().error.what.find(words) != std::string::npos);
}
