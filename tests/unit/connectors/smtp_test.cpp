#include "connectors/email/smtp/smtp.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/contract/connector/any_engine.hpp"
#include "tests/unit/connectors/fixture.hpp"
#include "tests/unit/connectors/smtp_server.hpp"

using namespace tributary;
using Outcome = connector::Sink::Outcome;
using test::SmtpServer;

namespace {

std::unique_ptr<connector::Connector> make(test::World& world, int port, std::string_view more = {}) {
    auto made = connectors::make_smtp(world.setup(fmt::format(
        R"({{"host":"127.0.0.1","port":{},"security":"none","from":"Acme <shop@acme.example>","timeout":"500ms",{}"actions":{{
            "welcome":{{"subject":"Welcome, {{name}}","text":"Dear {{name}},\n\nyour number is {{id}}.{{note?}}","html":"<style>p {{ color:red }}</style><p>{{name}}</p>",
            "list_unsubscribe":"https://acme.example/u?c={{id}}"}}}}}})",
        port, more)));
    if (!made) FAIL(made.error().text());
    return std::move(*made);
}

std::vector<Outcome> push(test::World& world, connector::Connector& connector, std::vector<std::string> records) {
    std::vector<connector::Push> items;
    for (const auto& record : records)
        items.push_back({fmt::format("key {}", items.size()), test::json(record), {}, false});
    return run::run_blocking(world.loop, connector.sink()->push("welcome", std::move(items)));
}

constexpr auto* kAda = R"({"email":"ada@example.com","name":"Ada","id":7})";

}  // namespace

TEST_CASE("a mail is delivered to the server as composed", "[smtp]") {
    test::World world;
    SmtpServer server;
    auto connector = make(world, server.port());
    const auto outcomes =
        push(world, *connector, {kAda, R"({"email":"b@example.com","name":"<B> & Ö","id":"a/b","note":"!"})"});
    REQUIRE(outcomes.size() == 2);
    REQUIRE(outcomes[0].result);
    REQUIRE(outcomes[1].result);
    const auto messages = server.messages();
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].find("Subject: Welcome, Ada\r\n") != std::string::npos);
    CHECK(messages[0].find("Dear Ada,\r\n\r\nyour number is 7=2E") == std::string::npos);
    CHECK(messages[0].find("Dear Ada,\r\n\r\nyour number is 7.\r\n") != std::string::npos);
    CHECK(messages[0].find("<style>p { color:red }</style><p>Ada</p>") != std::string::npos);
    CHECK(messages[0].find("Message-ID: <" + *outcomes[0].result->remote_id + ">\r\n") != std::string::npos);
    CHECK(messages[1].find("<p>&lt;B&gt; &amp; =C3=96</p>") != std::string::npos);
    CHECK(messages[1].find("List-Unsubscribe: <https://acme.example/u?c=a%2Fb>\r\n") != std::string::npos);
    CHECK(messages[1].find("your number is a/b.!") != std::string::npos);
    const auto commands = server.commands();
    CHECK(commands[0] == "EHLO acme.example");
    CHECK(commands[1].starts_with("MAIL FROM:<shop@acme.example>"));
    CHECK(commands[2] == "RCPT TO:<ada@example.com>");
    // One connection carries both.
    CHECK(std::ranges::count_if(commands, [](const auto& c) { return c.starts_with("EHLO"); }) == 1);
}

TEST_CASE("the Message-ID is the same over attempts and differs between items", "[smtp]") {
    test::World world;
    SmtpServer server;
    auto connector = make(world, server.port());
    const auto first = push(world, *connector, {kAda, kAda});
    world.clock.advance(std::chrono::hours(1));
    const auto again = push(world, *connector, {kAda});
    REQUIRE(again[0].result);
    CHECK(first[0].result->remote_id == again[0].result->remote_id);
    CHECK(first[0].result->remote_id != first[1].result->remote_id);
    CHECK(connector->sink()->idempotency("welcome") == connector::Idempotency::none);
    CHECK(run::run_blocking(world.loop, connector->sink()->look_up("welcome", {})).error().fault == Fault::refused);
}

TEST_CASE("records that cannot be mailed fail alone and nothing of them is sent", "[smtp][req16]") {
    test::World world;
    SmtpServer server;
    auto connector = make(world, server.port());
    const auto outcomes = push(
        world, *connector,
        {R"({"email":"a@example.com","id":1})", R"({"email":"a@example.com","name":"x\r\nBcc: y@example.com","id":1})",
         R"({"email":"a@example.com>\r\nRCPT TO:<y@example.com","name":"x","id":1})",
         R"({"email":"","name":"x","id":1})", R"({"email":"a@example.com","name":{"x":1},"id":1})", kAda});
    REQUIRE(outcomes.size() == 6);
    for (int i = 0; i < 5; ++i) {
        REQUIRE(!outcomes[static_cast<std::size_t>(i)].result);
        CHECK(outcomes[static_cast<std::size_t>(i)].result.error().fault == Fault::bad_input);
    }
    CHECK(outcomes[0].result.error().what == "the record has no field name");
    CHECK(outcomes[1].result.error().what == "the subject holds a line break or another control character");
    CHECK(outcomes[5].result);
    CHECK(server.messages().size() == 1);
}

TEST_CASE("the server's refusals become what the engine does next", "[smtp]") {
    struct Example {
        const char *command, *answer;
        Fault fault;
        bool ambiguous = false;
    };
    for (const auto& [command, answer, fault, ambiguous] : std::vector<Example>{
             {"RCPT", "450 4.2.1 greylisted", Fault::transient},
             {"RCPT", "550 5.1.1 no such user", Fault::bad_input},
             {"MAIL", "553 5.1.8 sender refused", Fault::bad_input},
             {"MAIL", "530 5.7.0 log in first", Fault::unauthorized},
             {"DATA", "421 4.3.2 closing", Fault::transient},
             {".", "554 5.7.1 spam", Fault::refused},
             {".", "452 4.3.1 disk full", Fault::transient},
             {".", "wait", Fault::transient, true},
             {".", "", Fault::transient, true},
             {"DATA", "wait", Fault::transient},
             {"RCPT", "", Fault::transient},
         }) {
        INFO(command << " " << answer);
        test::World world;
        SmtpServer server(
            [&](const std::string& said) { return said.starts_with(command) ? answer : SmtpServer::agree(said); });
        auto connector = make(world, server.port());
        const auto outcomes = push(world, *connector, {kAda});
        REQUIRE(!outcomes[0].result);
        CHECK(outcomes[0].result.error().fault == fault);
        CHECK(outcomes[0].ambiguous == ambiguous);
        CHECK(outcomes[0].result.error().text().find("ada@") == std::string::npos);
    }
}

TEST_CASE("a server that is not there is a transient fault and not ambiguous", "[smtp]") {
    test::World world;
    int port;
    {
        SmtpServer gone;
        port = gone.port();
    }
    const auto outcomes = push(world, *make(world, port), {kAda, kAda});
    for (const auto& outcome : outcomes) {
        REQUIRE(!outcome.result);
        CHECK(outcome.result.error().fault == Fault::transient);
        CHECK(!outcome.ambiguous);
    }
}

TEST_CASE("STARTTLS that is required and not offered stops everything before a word is said", "[smtp]") {
    test::World world;
    SmtpServer server;
    world.credentials = {{"username", "u"}, {"password", "secret"}};
    auto made = connectors::make_smtp(world.setup(fmt::format(
        R"({{"host":"127.0.0.1","port":{},"from":"a@b.example","timeout":"2s","actions":{{"welcome":{{"subject":"s","text":"t"}}}}}})",
        server.port())));
    REQUIRE(made);
    const auto outcomes = push(world, **made, {kAda});
    REQUIRE(!outcomes[0].result);
    CHECK(outcomes[0].result.error().fault == Fault::bad_config);
    for (const auto& command : server.commands()) CHECK(command.find("AUTH") == std::string::npos);
}

TEST_CASE("credentials log in, and wrong ones are named as such", "[smtp]") {
    test::World world;
    world.credentials = {{"username", "u"}, {"password", "secret"}};
    {
        SmtpServer server;
        CHECK(run::run_blocking(world.loop, make(world, server.port())->check()));
        CHECK(server.commands()[1].starts_with("AUTH PLAIN"));
    }
    SmtpServer server(
        [](const std::string& said) { return said.starts_with("AUTH") ? "535 5.7.8 no" : SmtpServer::agree(said); });
    const auto checked = run::run_blocking(world.loop, make(world, server.port())->check());
    REQUIRE(!checked);
    CHECK(checked.error().fault == Fault::unauthorized);
}

TEST_CASE("a deletion sends no mail", "[smtp]") {
    test::World world;
    SmtpServer server;
    auto connector = make(world, server.port());
    std::vector<connector::Push> items;
    items.push_back({"k", test::json("{}"), {}, true});
    const auto outcomes = run::run_blocking(world.loop, connector->sink()->push("welcome", std::move(items)));
    CHECK(outcomes[0].result);
    CHECK(server.messages().empty());
}

TEST_CASE("all problems of mail settings are told at once", "[smtp]") {
    test::World world;
    world.directory.write("bad.txt", "\xFF");
    const auto made = connectors::make_smtp(world.setup(R"({"host":"smtp://x","from":"nobody","security":"ssl","port":0,
        "actions":{"a":{"subject":"s","list_unsubscribe":"http://x"},"b":{"text":"t","text_file":"none.txt","subject":"s"},"c":{"html_file":"bad.txt"}}})"));
    REQUIRE(!made);
    CHECK(made.error().what == R"(settings: host must be a name or an IPv4 address
settings: security must be one of starttls, starttls_if_offered, tls, none
settings: port must be a whole number from 1 to 65535
settings: from: one ASCII mail address such as name@example.com was expected
settings.actions.a: one of text, text_file, html and html_file is needed
settings.actions.a: list_unsubscribe must be an https URL
settings.actions.b: text and text_file exclude each other
settings.actions.b: file none.txt cannot be read
settings.actions.c: subject is missing
settings.actions.c: file bad.txt is not UTF-8)");
}

TEST_CASE("a mail that waited too long is not sent", "[smtp]") {
    test::World world;
    SmtpServer server;
    auto connector = make(world, server.port());
    std::vector<connector::Push> items(2);
    for (auto& item : items) item.record = test::json(kAda);
    contract::refuse_late(world.loop, *connector, "welcome", items);
    CHECK(server.messages().empty());
}
