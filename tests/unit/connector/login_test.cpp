// Logging in by hand: the pure parts.
#include "gateway/connector/login.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::connector;

TEST_CASE("where the browser was sent back to", "[oauth][req9]") {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/oauth/redirect.txt");
    int cases = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.starts_with("# ")) continue;
        const auto arrow = line.rfind(" => ");
        REQUIRE(arrow != std::string::npos);
        const auto wanted = std::string_view(line).substr(arrow + 4);
        INFO(line);
        const auto code = read_redirect(line.substr(0, arrow), "s-1");
        if (wanted.starts_with("code ")) {
            REQUIRE(code);
            CHECK(code->code == wanted.substr(5));
        } else {
            REQUIRE_FALSE(code);
            const auto space = wanted.find(' ');
            CHECK(name_of(code.error().fault) == wanted.substr(0, space));
            const auto part = space == std::string_view::npos ? "" : wanted.substr(space + 1);
            INFO(code.error().what);
            CHECK(code.error().what.contains(part));
        }
        ++cases;
    }
    CHECK(cases >= 15);
    CHECK(read_redirect("code=" + std::string(20000, 'a') + "&state=s-1", "s-1").error().fault == Fault::bad_input);
}

TEST_CASE("the challenge of RFC 7636, appendix B", "[oauth][req9]") {
    CHECK(s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST_CASE("what a device that waits is told", "[oauth]") {
    const auto poll = [](int status, std::string_view body) {
        Answer answer{.status = status, .body = value::parse_json(body).value()};
        return device_poll(vault::CallEnd::failed, &answer);
    };
    CHECK(device_poll(vault::CallEnd::granted, nullptr) == DevicePoll::granted);
    CHECK(device_poll(vault::CallEnd::unknown, nullptr) == DevicePoll::slow_down);
    CHECK(poll(400, R"({"error":"authorization_pending"})") == DevicePoll::pending);
    CHECK(poll(428, R"({"error":"authorization_pending"})") == DevicePoll::pending);  // Google
    CHECK(poll(400, R"({"error":"slow_down"})") == DevicePoll::slow_down);
    CHECK(poll(403, R"({"error":"access_denied"})") == DevicePoll::denied);
    CHECK(poll(400, R"({"error":"expired_token"})") == DevicePoll::expired);
    CHECK(poll(503, "{}") == DevicePoll::slow_down);
    CHECK(poll(429, "{}") == DevicePoll::slow_down);
    CHECK(poll(401, R"({"error":"invalid_client"})") == DevicePoll::failed);
    CHECK(poll(400, R"({"error":"invalid_grant"})") == DevicePoll::failed);
}
