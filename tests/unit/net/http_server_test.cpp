#include "gateway/net/http_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "tests/unit/net/raw_peer.hpp"

using namespace tributary;
using namespace tributary::net;
using namespace std::chrono_literals;
using test::RawClient;

namespace {

run::Task<HttpResponse> echo(InboundHttp request) {
    co_return HttpResponse{.headers = {{"X-Method", request.method}}, .body = request.target + " " + request.body};
}

HttpServerOptions patient() {
    HttpServerOptions options;
    options.max_body = 1000;
    return options;
}

struct Served {
    FakeClock clock;
    HttpServer server;

    explicit Served(HttpServerOptions options = patient(), HttpServer::Handler handler = echo)
        : server(std::move(options), clock, std::move(handler)) {
        auto started = server.start();
        INFO((started ? std::string() : started.error().text()));
        REQUIRE(started);
    }
    RawClient connect() { return RawClient(server.port()); }
    // The server looks at its clock ten times a second.
    template <class Reached>
    void pass_time_until(Reached reached) {
        for (; !reached(); std::this_thread::sleep_for(1ms)) clock.advance(1s);
    }
    // What one connection answers to these bytes before it ends.
    std::string answer(std::string_view bytes) {
        auto client = connect();
        client.send(bytes);
        client.half_close();
        return client.read_all();
    }
};

bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("requests on one connection are answered in their order, also when they come at once", "[http_server]") {
    Served served;
    auto client = served.connect();
    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_reply().ends_with("\r\n\r\n/a "));
    client.send("POST /b?q=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel");
    client.send("lo");
    CHECK(client.read_reply().ends_with("\r\n\r\n/b?q=1 hello"));
    client.send(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "HEAD /d HTTP/1.1\r\nHost: x\r\n\r\nGET /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    auto rest = client.read_all();
    CHECK(has(rest, "/c abcHTTP/1.1 200 OK\r\n"));
    CHECK(has(rest, "X-Method: HEAD\r\nContent-Length: 3\r\n\r\nHTTP/1.1 200 OK"));
    CHECK(rest.ends_with("Connection: close\r\n\r\n/e "));
    CHECK(served.server.stats().requests == 5);
}

TEST_CASE("a large body arrives whole in whatever pieces it comes", "[http_server]") {
    auto options = patient();
    options.max_body = 1 << 20;
    Served served(options, [](InboundHttp request) -> run::Task<HttpResponse> {
        co_return HttpResponse{.body = std::to_string(std::hash<std::string>{}(request.body)).substr(0, 9)};
    });
    std::string body;
    for (int i = 0; i < 100000; ++i) body += static_cast<char>('a' + i % 23);
    auto expected = std::to_string(std::hash<std::string>{}(body)).substr(0, 9);
    auto client = served.connect();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + body);
    CHECK(client.read_reply().ends_with(expected));
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 10000) client.send("2710\r\n" + body.substr(at, 10000) + "\r\n");
    client.send("0\r\n\r\n");
    CHECK(client.read_reply().ends_with(expected));
}

TEST_CASE("what breaks framing or limits is answered and the connection closes", "[http_server][req13]") {
    Served served;
    auto post = [](std::string_view headers, std::string_view body) {
        return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n\r\n" + std::string(body);
    };
    CHECK(served.answer("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
    CHECK(served.answer("GET / HTTP/1.1\nHost: x\n\n").starts_with("HTTP/1.1 400 "));
    CHECK(served.answer(post("Content-Length: 1\r\nTransfer-Encoding: chunked", "0\r\n\r\n"))
              .starts_with("HTTP/1.1 400 "));
    CHECK(served.answer(post("Content-Length: 1001", std::string(1001, 'x'))).starts_with("HTTP/1.1 413 "));
    CHECK(served.answer(post("Transfer-Encoding: chunked", "3e9\r\n" + std::string(1001, 'x')))
              .starts_with("HTTP/1.1 413 "));
    CHECK(served.answer(post("Transfer-Encoding: chunked", "zz\r\n")).starts_with("HTTP/1.1 400 "));
    CHECK(served.answer(post("Content-Encoding: gzip\r\nContent-Length: 1", "x")).starts_with("HTTP/1.1 415 "));
    CHECK(served.answer("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(17000, 'a') + "\r\n\r\n")
              .starts_with("HTTP/1.1 431 "));
    CHECK(served.answer(std::string(20000, 'a')).starts_with("HTTP/1.1 431 "));
    CHECK(
        served.answer("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 414 "));
    CHECK(served.answer("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 501 "));
    CHECK(served.answer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").starts_with("HTTP/1.1 505 "));
    CHECK(served.server.stats().bad_requests == 12);
    CHECK(served.server.stats().requests == 0);
}

TEST_CASE("nothing after a refused request is served", "[http_server]") {
    Served served;
    auto answer = served.answer(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxxGET /evil HTTP/1.1\r\nHost: "
        "x\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 400 "));
    CHECK_FALSE(has(answer, "/evil"));
    CHECK(served.server.stats().requests == 0);
}

TEST_CASE("a sender of a body far beyond the limit still reads its 413", "[http_server]") {
    Served served;
    auto client = served.connect();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n");
    client.send(std::string(500000, 'x'));
    CHECK(client.read_reply().starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a route may have its own body limit", "[http_server]") {
    auto options = patient();
    options.body_limit = [](std::string_view, std::string_view target) -> std::size_t {
        return target == "/big" ? 5000 : 10;
    };
    Served served(options);
    std::string body(2000, 'x');
    CHECK(served.answer("POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + body)
              .starts_with("HTTP/1.1 200 "));
    CHECK(served.answer("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n" + body)
              .starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a sender that expects 100 is told to continue", "[http_server]") {
    Served served;
    auto client = served.connect();
    client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.read_reply() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    CHECK(client.read_reply().ends_with("/a ok"));
}

TEST_CASE("slow heads and bodies are cut off with 408, idle connections without a word", "[http_server][req13]") {
    Served served;
    SECTION("a head that does not end") {
        auto client = served.connect();
        client.send("GET / HTTP/1.1\r\nHo");
        while (served.server.stats().open == 0) std::this_thread::yield();
        served.pass_time_until([&] { return served.server.stats().timeouts == 1; });
        CHECK(client.read_all().starts_with("HTTP/1.1 408 "));
    }
    SECTION("a body that does not come") {
        auto client = served.connect();
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
        CHECK(client.read_reply().starts_with("HTTP/1.1 100 "));
        served.clock.advance(11s);
        CHECK(client.read_all().starts_with("HTTP/1.1 408 "));
        CHECK(served.server.stats().timeouts == 1);
    }
    SECTION("a body that trickles") {
        auto client = served.connect();
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\nExpect: 100-continue\r\n\r\n");
        CHECK(client.read_reply().starts_with("HTTP/1.1 100 "));
        client.send("x");
        served.clock.advance(4s);  // past the grace, before the deadline
        CHECK(client.read_all().starts_with("HTTP/1.1 408 "));
    }
    SECTION("a connection without a request") {
        auto client = served.connect();
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.read_reply();
        served.pass_time_until([&] { return served.server.stats().open == 0; });
        CHECK(client.read_all().empty());
        CHECK(served.server.stats().timeouts == 0);
    }
}

TEST_CASE("a peer that does not read its answer is cut off", "[http_server]") {
    Served served(patient(), [](InboundHttp) -> run::Task<HttpResponse> {
        co_return HttpResponse{.body = std::string(64 << 20, 'x')};
    });
    auto client = served.connect();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while (served.server.stats().requests == 0) std::this_thread::yield();
    served.pass_time_until([&] { return served.server.stats().open == 0; });
    CHECK(served.server.stats().timeouts == 1);
}

TEST_CASE("a connection carries no more requests than allowed", "[http_server]") {
    auto options = patient();
    options.max_requests = 2;
    Served served(options);
    auto client = served.connect();
    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_FALSE(has(client.read_reply(), "Connection: close"));
    client.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
    auto rest = client.read_all();
    CHECK(has(rest, "Connection: close"));
    CHECK_FALSE(has(rest, "/3"));
}

TEST_CASE("connections beyond the caps are refused and room is made when others leave", "[http_server][req13]") {
    auto options = patient();
    SECTION("of one address") {
        options.max_connections_per_ip = 2;
    }
    SECTION("altogether") {
        options.max_connections = 2;
    }
    Served served(options);
    auto first = served.connect();
    auto second = served.connect();
    while (served.server.stats().open < 2) std::this_thread::yield();
    auto third = served.connect();
    CHECK(third.read_all().empty());
    CHECK(served.server.stats().refused_connections == 1);
    first.close();
    while (served.server.stats().open > 1) std::this_thread::yield();
    CHECK(served.answer("GET /free HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("/free "));
}

TEST_CASE("a handler that throws or answers nonsense is a 500 and the server goes on", "[http_server]") {
    Served served(patient(), [](InboundHttp request) -> run::Task<HttpResponse> {
        if (request.target == "/throw") throw std::runtime_error("inner detail");
        co_return HttpResponse{.headers = {{"X", request.target == "/bad" ? "a\r\nb" : "ok"}}};
    });
    auto client = served.connect();
    client.send("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
    auto reply = client.read_reply();
    CHECK(reply.starts_with("HTTP/1.1 500 "));
    CHECK_FALSE(has(reply, "inner detail"));
    client.send("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_reply().starts_with("HTTP/1.1 500 "));
    client.send("GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_reply().starts_with("HTTP/1.1 200 "));
    CHECK(served.server.stats().handler_failures == 2);
}

TEST_CASE("a stop lets requests in flight finish, and cuts off who is late", "[http_server]") {
    struct Gate {
        std::atomic<int> waiting = 0;
        std::atomic<bool> open = false;
    };
    Gate gate;
    Served served(patient(), [&gate](InboundHttp) -> run::Task<HttpResponse> {
        ++gate.waiting;
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        while (!gate.open) {
            timer.expires_after(1ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        co_return HttpResponse{.body = "done"};
    });
    auto idle = served.connect();
    auto busy = served.connect();
    busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while (gate.waiting == 0) std::this_thread::yield();
    SECTION("in time") {
        std::string reply;
        std::thread peers([&] {
            idle.read_all();  // ends as soon as the stop began
            gate.open = true;
            reply = busy.read_all();
            busy.close();
        });
        CHECK(served.server.stop(30s) == 0);
        peers.join();
        CHECK(has(reply, "Connection: close"));
        CHECK(reply.ends_with("done"));
    }
    SECTION("too late") {
        CHECK(served.server.stop(20ms) == 1);
        CHECK(served.server.stats().open == 1);
    }
}

TEST_CASE("several loops share one port and all of them serve", "[http_server]") {
    auto options = patient();
    options.threads = 3;
    std::mutex mutex;
    std::set<unsigned> loops;
    Served served(options, [&](InboundHttp request) -> run::Task<HttpResponse> {
        std::lock_guard lock(mutex);
        loops.insert(request.loop);
        co_return HttpResponse{.body = request.peer};
    });
    for (int i = 0; i < 200; ++i) {
        CHECK(served.answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("127.0.0.1"));
        std::lock_guard lock(mutex);
        if (loops.size() == 3) break;
    }
    CHECK(loops == std::set<unsigned>{0, 1, 2});
}

TEST_CASE("a port in use is refused, whether one loop listens there or several", "[http_server]") {
    for (unsigned threads : {1U, 2U}) {
        auto options = patient();
        options.threads = threads;
        Served served(options);
        options.port = served.server.port();
        HttpServer second(options, served.clock, echo);
        auto started = second.start();
        REQUIRE_FALSE(started);
        CHECK(started.error().fault == Fault::bad_config);
    }
    HttpServer nowhere({.address = "localhost"}, SystemClock(), echo);
    CHECK_FALSE(nowhere.start());
    HttpServer no_key({.tls = ServerTls{"/nonexistent.pem", "/nonexistent.pem"}}, SystemClock(), echo);
    CHECK_FALSE(no_key.start());
}
