#include "connectors/email/smtp/unsubscribe.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using namespace tributary::connectors::smtp;

namespace {

struct Links {
    test::World world;
    UnsubscribeHook hook;
    std::string token;

    explicit Links(const std::string& connection = "mail")
        : hook(connection, (world.credentials["unsubscribe_secret"] = "0123456789abcdef", world.setup("{}").credential),
               world.clock) {
        const auto links = hook.links();
        REQUIRE(links);
        token = links->token({"zoe@example.com", "news"}, world.random);
    }
    connector::InboundRequest request(std::string method, std::string body = "List-Unsubscribe=One-Click") const {
        return {std::move(method), "", "/hooks/mail/" + token, {}, std::move(body)};
    }
};

}  // namespace

TEST_CASE("a POST of the link is the withdrawal of whom the mail went to", "[smtp]") {
    Links links;
    const auto post = links.request("POST");
    CHECK_FALSE(links.hook.challenge(post, {}));
    REQUIRE(links.hook.verify(post, {}));
    const auto opened = links.hook.open(post);
    REQUIRE(opened);
    const auto events = links.hook.decode(*links.hook.topic(*opened), opened->body);
    REQUIRE(events);
    CHECK(events->at(0).stream == "unsubscribes");
    CHECK(events->at(0).record.external_id == "zoe@example.com");
    CHECK(test::json(events->at(0).record.json).root().find("action").text() == "news");
    CHECK(links.hook.accepted({})->status == 200);
    // A retry is the same delivery; years later it is a new act.
    const auto id = *links.hook.delivery_id(post);
    CHECK(id == *links.hook.delivery_id(post));
    links.world.clock.advance(std::chrono::hours{24});
    CHECK(id != *links.hook.delivery_id(post));
}

TEST_CASE("a GET of the link changes nothing", "[smtp]") {
    Links links;
    for (const auto* method : {"GET", "HEAD"}) {
        const auto answer = links.hook.challenge(links.request(method, ""), {});
        REQUIRE(answer);
        REQUIRE(*answer);
        CHECK((*answer)->status == 200);
        CHECK((*answer)->body.find("method=\"post\"") != std::string::npos);
        CHECK((*answer)->body.find("zoe") == std::string::npos);
    }
}

TEST_CASE("a link that is none of ours is refused, and so is a POST that says nothing", "[smtp]") {
    Links links, other("another");
    CHECK(links.token.find("zoe") == std::string::npos);
    auto changed = links.request("POST");
    changed.target.back() = changed.target.back() == 'A' ? 'B' : 'A';
    changed.target[20] = changed.target[20] == 'A' ? 'B' : 'A';
    CHECK(links.hook.verify(changed, {}).error().fault == Fault::unauthorized);
    CHECK(links.hook.verify(other.request("POST"), {}).error().what == "signature_mismatch");
    CHECK_FALSE(*links.hook.challenge({"GET", "", "/hooks/mail/", {}, ""}, {}));
    CHECK_FALSE(*links.hook.challenge({"GET", "", "/hooks/mail", {}, ""}, {}));
    for (const auto* body : {"", "x", "XList-Unsubscribe=One-Click", "List-Unsubscribe=One-Clicks"})
        CHECK(links.hook.verify(links.request("POST", body), {}).error().what == "not_one_click");
    CHECK(links.hook.verify(links.request("POST", "a=b&List-Unsubscribe=One-Click"), {}));
    CHECK(links.hook.verify(links.request("POST",
                                          "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n"
                                          "One-Click\r\n--x--\r\n"),
                            {}));
}

TEST_CASE("a secret that can be guessed is refused", "[smtp]") {
    CHECK_FALSE(UnsubscribeLinks::make("short", "mail"));
}
