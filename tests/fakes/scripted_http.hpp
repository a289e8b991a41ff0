// ScriptedHttp: an HTTP client that answers from a script and says what was asked otherwise. No sockets.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateway/net/http_client.hpp"
#include "gateway/value/json.hpp"

namespace tributary::fakes {

// Whether two JSON values are the same; members in any order.
inline bool same_json(value::Node a, value::Node b) {
    if (a.kind() != b.kind()) return false;
    if (a.is(value::Kind::object)) {
        if (a.size() != b.size()) return false;
        for (const auto member : a)
            if (!same_json(member, b.find(member.key()))) return false;
        return true;
    }
    if (a.is(value::Kind::array)) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!same_json(a.at(i), b.at(i))) return false;
        return true;
    }
    return a.scalar_text() == b.scalar_text();
}

// One request that is expected (what is empty is not looked at) and what comes back.
struct Exchange {
    std::string method, url;
    net::Headers headers;
    std::optional<value::Document> json;  // the body as JSON
    std::optional<std::string> body;      // the body as text
    bool login = false;

    net::HttpResponse answer;
    std::optional<net::HttpFailure> failure;  // instead of an answer
};

class ScriptedHttp final : public net::HttpClient {
  public:
    std::deque<Exchange> script;
    std::vector<net::HttpRequest> asked;

    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions& options) override {
        asked.push_back(request);
        INFO(request.method << " " << request.url << "\n" << request.body);
        last_options = options;
        if (script.empty()) {
            FAIL_CHECK("a request that the script does not know");
            co_return std::unexpected(net::HttpFailure{{Fault::internal, "the script has ended"}, false});
        }
        auto next = std::move(script.front());
        script.pop_front();
        compare(next, request);
        if (next.failure) co_return std::unexpected(*next.failure);
        next.answer.url = request.url;
        co_return std::move(next.answer);
    }

    net::HttpOptions last_options;

  private:
    static void compare(const Exchange& expected, const net::HttpRequest& request) {
        if (!expected.method.empty()) CHECK(request.method == expected.method);
        if (!expected.url.empty()) CHECK(request.url == expected.url);
        for (const auto& [name, value] : expected.headers) {
            const auto* found = request.header(name);
            INFO("header " << name);
            CHECK((found ? *found : "(absent)") == value);
        }
        if (expected.body) CHECK(request.body == *expected.body);
        if (!expected.json) return;
        const auto body = value::parse_json(request.body);
        REQUIRE(body);
        const bool same = same_json(body->root(), expected.json->root());
        if (!same) CHECK(value::to_json(body->root()) == value::to_json(expected.json->root()));
    }
};

}  // namespace tributary::fakes
