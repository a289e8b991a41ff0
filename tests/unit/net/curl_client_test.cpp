#include "gateway/net/curl_client.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include "gateway/net/http_server.hpp"
#include "tests/unit/net/calling.hpp"

using namespace tributary;
using namespace tributary::net;
using namespace std::chrono_literals;
using namespace tributary::test;

TEST_CASE("a request goes out as it is written and its answer comes back whole", "[curl_client]") {
    FakeClock clock;
    HttpServer server({}, clock, [](InboundHttp request) -> run::Task<HttpResponse> {
        std::string seen = request.method + " " + request.target + " " + request.body;
        for (const auto& [name, value] : request.headers) seen += "|" + name + ": " + value;
        co_return HttpResponse{.status = 422, .headers = {{"X-Two", "1"}, {"x-two", "2"}}, .body = seen};
    });
    REQUIRE(server.start());
    auto base = "http://127.0.0.1:" + std::to_string(server.port());
    auto options = toward(server.port());
    Calling calling;
    auto answer = calling.send({"PATCH",
                                base + "/a%20b?x=1&y[]=2",
                                {{"X-Key", "v"}, {"X-Empty", ""}, {"Content-Type", "application/json"}},
                                "{}"},
                               options);
    REQUIRE(answer);
    CHECK(answer->status == 422);
    CHECK(answer->headers.size() >= 4);
    CHECK(*answer->header("X-Two") == "1");
    CHECK(answer->url == base + "/a%20b?x=1&y[]=2");
    CHECK(answer->body.starts_with("PATCH /a%20b?x=1&y[]=2 {}|"));
    for (auto piece :
         {"|X-Key: v", "|X-Empty: ", "|Content-Type: application/json", "|User-Agent: tributary", "|Content-Length: 2"})
        CHECK(answer->body.find(piece) != std::string::npos);
    CHECK(answer->body.find("Expect") == std::string::npos);

    auto posted = calling.send({"POST", base + "/p"}, options);
    CHECK(posted->body.starts_with("POST /p |"));
    CHECK(posted->body.find("Content-Type") == std::string::npos);
    CHECK(calling.send({"DELETE", base + "/d"}, options)->body.starts_with("DELETE /d |"));
    CHECK(calling.send({"PUT", base + "/u", {}, "x"}, options)->body.starts_with("PUT /u x|"));
    auto head = calling.send({"HEAD", base + "/h"}, options);
    CHECK(head->body.empty());
    CHECK(head->status == 422);
    CHECK(calling.send({"GET", base + "/../g/./x"}, options)->body.starts_with("GET /../g/./x |"));
    CHECK(server.stats().connections == 1);  // all over one kept connection
}

TEST_CASE("a request whose lease ran out while it waited is not sent, and is not ambiguous", "[curl_client]") {
    FakeClock clock;
    HttpServer server({}, clock, [](InboundHttp) -> run::Task<HttpResponse> { co_return HttpResponse{}; });
    REQUIRE(server.start());
    auto options = toward(server.port());
    Calling calling;
    const auto hold = std::make_shared<run::Hold>(clock, clock.steady() + 1s);
    HttpRequest request{.method = "POST", .url = "http://127.0.0.1:" + std::to_string(server.port()) + "/"};
    request.hold = hold;
    CHECK(calling.send(request, options));
    clock.advance(1s);
    const auto late = calling.send(request, options);
    REQUIRE_FALSE(late);
    CHECK(late.error().error.fault == Fault::transient);
    CHECK_FALSE(late.error().ambiguous);
    CHECK(late.error().error.what == run::Hold::kTooLate);
    hold->extend(clock.steady() + 1s);
    CHECK(calling.send(request, options));
    hold->end();
    CHECK_FALSE(calling.send(request, options));
    CHECK(server.stats().requests == 2);
}

TEST_CASE("many requests run side by side and none is lost", "[curl_client]") {
    FakeClock clock;
    HttpServer server(
        {.threads = 2, .max_requests = 7, .max_connections_per_ip = 1000}, clock,
        [](InboundHttp request) -> run::Task<HttpResponse> { co_return HttpResponse{.body = request.body}; });
    REQUIRE(server.start());
    auto url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    auto options = toward(server.port());
    run::Loop loop("client");
    CurlClient client(loop, {.per_host = 8});
    int right = 0, done = 0;
    auto one = [](CurlClient& c, std::string to, const HttpOptions& o, std::string body, int& ok,
                  int& ended) -> run::Task<> {
        auto answer = co_await c.send({"POST", to, {}, body}, o);
        ok += answer && answer->body == body;
        ++ended;
    };
    for (int i = 0; i < 200; ++i) loop.spawn(one(client, url, options, std::to_string(i), right, done));
    while (done < 200) loop.context().run_one();
    CHECK(right == 200);
}

TEST_CASE("a client is called from another loop and answers there", "[curl_client]") {
    RawServer peer(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    auto options = toward(peer.port());
    run::Loop client_loop("client"), caller_loop("caller");
    CurlClient client(client_loop);
    client_loop.start();
    caller_loop.start();
    auto call = [](CurlClient& c, std::string url, const HttpOptions& o) -> run::Task<bool> {
        auto here = std::this_thread::get_id();
        auto answer = co_await c.send({.url = url}, o);
        co_return answer && answer->body == "ok" && std::this_thread::get_id() == here;
    };
    CHECK(run::run_blocking(caller_loop, call(client, peer.url(), options)));
    client_loop.stop();
}

TEST_CASE("a redirect is an answer, not an instruction", "[curl_client][req10]") {
    RawServer peer(answering("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"));
    auto options = toward(peer.port());
    auto answer = Calling().send({.url = peer.url()}, options);
    REQUIRE(answer);
    CHECK(answer->status == 302);
    CHECK(peer.connections() == 1);
}

TEST_CASE("interim answers are passed over", "[curl_client]") {
    RawServer peer(
        answering("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 0\r\n\r\n"));
    auto options = toward(peer.port());
    auto answer = Calling().send({.url = peer.url()}, options);
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK_FALSE(answer->header("Link"));
}

TEST_CASE("what never left is safe to send again", "[curl_client]") {
    Calling calling;
    auto expect = [&](HttpRequest request, const HttpOptions& options, Fault fault, std::string_view words) {
        auto outcome = calling.send(std::move(request), options);
        REQUIRE_FALSE(outcome);
        INFO(outcome.error().error.text());
        CHECK_FALSE(outcome.error().ambiguous);
        CHECK(outcome.error().error.fault == fault);
        CHECK(outcome.error().error.what.find(words) != std::string::npos);
    };
    std::uint16_t closed_port = 0;
    {
        RawServer gone([](tcp::socket&) {});
        closed_port = gone.port();
    }
    auto options = toward(closed_port);
    auto url = "http://127.0.0.1:" + std::to_string(closed_port) + "/";
    expect({"POST", url}, options, Fault::transient, "no connection to port");

    RawServer peer(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    options = toward(peer.port());
    options.egress.networks.clear();
    auto by_name = "http://localhost:" + std::to_string(peer.port()) + "/";
    expect({"POST", by_name}, options, Fault::refused, "loopback");
    expect({"POST", peer.url()}, options, Fault::refused, "loopback");
    options = toward(peer.port());
    options.egress.hosts = {"api.example.com"};
    expect({"POST", peer.url()}, options, Fault::refused, "allowed hosts");
    expect({"POST", "ftp://localhost/"}, options, Fault::bad_config, "begin with");
    options = toward(peer.port());
    expect({"POST", peer.url(), {{"X", "a\r\nY: b"}}}, options, Fault::bad_config, "control character");
    expect({"POST", peer.url(), {{"X: a\r\nY", "b"}}}, options, Fault::bad_config, "name");
    expect({"POST", peer.url(), {{"Host", "other"}}}, options, Fault::bad_config, "set by the client");
    expect({"PO ST", peer.url()}, options, Fault::bad_config, "method");
    CHECK(peer.connections() == 0);
}

TEST_CASE("a kept connection is judged by the rules of each request", "[curl_client][req10]") {
    FakeClock clock;
    HttpServer server({}, clock, [](InboundHttp) -> run::Task<HttpResponse> { co_return HttpResponse{}; });
    REQUIRE(server.start());
    auto url = "http://localhost:" + std::to_string(server.port()) + "/";
    auto allowed = toward(server.port()), forbidden = allowed;
    forbidden.egress.networks.clear();
    Calling calling;
    REQUIRE(calling.send({"POST", url}, allowed));
    auto outcome = calling.send({"POST", url}, forbidden);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().error.fault == Fault::refused);
    CHECK_FALSE(outcome.error().ambiguous);
    CHECK(server.stats().requests == 1);
}

TEST_CASE("a request on a kept connection that dies is repeated only when that is harmless", "[curl_client]") {
    // Answers the first request of each connection, reads the second one and closes: it may have acted on it.
    std::atomic<int> requests = 0;
    RawServer peer([&](tcp::socket& socket) {
        if (RawServer::read_request(socket).empty()) return;
        ++requests;
        RawServer::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        if (!RawServer::read_request(socket).empty()) ++requests;
    });
    auto options = toward(peer.port());
    Calling calling;
    REQUIRE(calling.send({"POST", peer.url()}, options));
    SECTION("not a POST") {
        auto outcome = calling.send({"POST", peer.url()}, options);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().ambiguous);
        CHECK(requests == 2);
    }
    SECTION("a POST whose bytes carry an idempotency key") {
        options.resend_safe = true;
        CHECK(calling.send({"POST", peer.url()}, options));
        CHECK(requests == 3);
    }
    SECTION("a GET") {
        CHECK(calling.send({"GET", peer.url()}, options));
        CHECK(requests == 3);
    }
}

TEST_CASE("a call that is cancelled ends at once and says whether it was sent", "[curl_client]") {
    std::atomic<bool> came = false;
    RawServer peer([&](tcp::socket& socket) {
        RawServer::read_request(socket);
        came = true;
        RawServer::wait_for_close(socket);
    });
    auto options = toward(peer.port());
    Calling calling;
    auto call = [](CurlClient& c, std::string url, const HttpOptions& o, std::atomic<bool>& seen) -> run::Task<bool> {
        using namespace boost::asio::experimental::awaitable_operators;
        auto until_seen = [](std::atomic<bool>& flag) -> run::Task<> {
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
            while (!flag) {
                timer.expires_after(1ms);
                co_await timer.async_wait(boost::asio::use_awaitable);
            }
        };
        auto first = co_await (c.send({"POST", url}, o) || until_seen(seen));
        co_return first.index() == 1;
    };
    CHECK(run::run_blocking(calling.loop, call(calling.client, peer.url(), options, came)));
}

TEST_CASE("a client that goes away ends its calls", "[curl_client]") {
    std::atomic<bool> came = false;
    RawServer peer([&](tcp::socket& socket) {
        RawServer::read_request(socket);
        came = true;
        RawServer::wait_for_close(socket);
    });
    auto options = toward(peer.port());
    run::Loop loop("client");
    auto client = std::make_unique<CurlClient>(loop);
    std::optional<HttpResult> outcome;
    auto call = [](CurlClient& c, std::string url, const HttpOptions& o,
                   std::optional<HttpResult>& out) -> run::Task<> { out = co_await c.send({"POST", url}, o); };
    loop.spawn(call(*client, peer.url(), options, outcome));
    while (!came) loop.run_ready();
    client.reset();
    while (!outcome) loop.context().run_one();
    REQUIRE_FALSE(*outcome);
    CHECK(outcome->error().ambiguous);
}

TEST_CASE("TLS is verified against the given authority, name and all", "[curl_client][tls][req12][req17]") {
    FakeClock clock;
    std::string files = TRIBUTARY_SOURCE_DIR "/tests/cases/tls/";
    HttpServer server({.tls = ServerTls{files + "localhost.pem", files + "localhost.key"}}, clock,
                      [](InboundHttp request) -> run::Task<HttpResponse> {
                          co_return HttpResponse{.body = (request.tls ? "tls " : "plain ") + request.body};
                      });
    REQUIRE(server.start());
    auto port = ":" + std::to_string(server.port()) + "/";
    auto options = toward(server.port());
    Calling calling;
    SECTION("the right authority") {
        options.ca_file = files + "authority.pem";
        auto answer = calling.send({"POST", "https://localhost" + port, {}, std::string(100000, 'x')}, options);
        REQUIRE(answer);
        CHECK(answer->body.size() == 100004);
        CHECK(calling.send({"POST", "https://localhost" + port, {}, "again"}, options)->body == "tls again");
        CHECK(server.stats().connections == 1);
    }
    SECTION("another name") {
        options.ca_file = files + "authority.pem";
        auto outcome = calling.send({"POST", "https://127.0.0.1" + port}, options);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().error.fault == Fault::bad_config);
        CHECK_FALSE(outcome.error().ambiguous);
    }
    SECTION("the system's authorities") {
        auto outcome = calling.send({"POST", "https://localhost" + port}, options);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().error.fault == Fault::bad_config);
        CHECK_FALSE(outcome.error().ambiguous);
    }
    SECTION("plain HTTP to a TLS port") {
        auto outcome = calling.send({"POST", "http://localhost" + port}, options);
        CHECK_FALSE(outcome);
    }
    CHECK(server.stop(5s) == 0);
}
