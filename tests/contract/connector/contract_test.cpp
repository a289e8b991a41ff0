// The contract that every connector keeps, driven by the conversations in its fixtures/ folder: besides what each of
// them says itself, the first pull of each is repeated, refused, throttled, broken and cut.
//
// TRIBUTARY_CONNECTORS names another folder of connectors, for those that are written elsewhere.
#include <cstdlib>

#include "tests/contract/connector/conversation.hpp"

using namespace tributary;
using namespace tributary::contract;

namespace {

const std::filesystem::path kRoot(TRIBUTARY_SOURCE_DIR);

const char* elsewhere() {
    return std::getenv("TRIBUTARY_CONNECTORS");
}

const connector::Registry& house() {
    static const connector::Registry registry = [] {
        connector::Registry out;
        spec::Problems problems;
        out.load(elsewhere() ? std::filesystem::path(elsewhere()) : kRoot / "connectors", problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
        return out;
    }();
    return registry;
}

// Calls f(conversation file) for every fixture of every connector, and for the engine's own cases where they are ours.
template <class F>
void for_each_conversation(F f) {
    std::size_t count = 0;
    for (const auto* about : house().list())
        for (const auto& file : conversations_in(about->file.parent_path() / "fixtures")) f(file), ++count;
    if (elsewhere()) {
        CHECK(count > 0);
        return;
    }
    for (const auto& file : conversations_in(kRoot / "tests/cases/connector")) f(file), ++count;
    CHECK(count > 10);
}

std::string keys_of(const connector::Page& page) {
    std::string out;
    for (const auto& record : page.records) out += record.external_id + " ";
    return out;
}

// The first step that pulls and is expected to go well, when the conversation has one.
value::Node first_pull(const Conversation& conversation) {
    const auto step = conversation.steps().at(0);
    return step.find("pull") && !step.find("expect").find("error") && !step.find("cursor") ? step : value::Node{};
}

// The exchanges up to the first that is no log-in, that one replaced; a session logs in again when it is refused.
std::deque<fakes::Exchange> spoiled(const std::deque<fakes::Exchange>& script, net::HttpResponse answer, bool relogin) {
    std::deque<fakes::Exchange> out;
    const bool session = !script.empty() && script.front().login;
    for (int round = 0; round < (session && relogin ? 2 : 1); ++round) {
        for (const auto& each : script) {
            out.push_back(each);
            if (each.login) continue;
            out.back().answer = answer;
            break;
        }
    }
    return out;
}

void expect_fault(const std::filesystem::path& file, net::HttpResponse answer, Fault fault,
                  std::optional<Milliseconds> wait = {}) {
    INFO(file.string());
    Conversation conversation(house(), file);
    const auto step = first_pull(conversation);
    if (!step) return;
    auto connector = conversation.connect();
    conversation.http.script = spoiled(conversation.script(step), answer, fault == Fault::unauthorized);
    const auto page = conversation.pull(*connector, step, {});
    REQUIRE_FALSE(page);
    INFO(page.error().text());
    CHECK(page.error().fault == fault);
    CHECK(page.error().retry_after == wait);
    CHECK_FALSE(page.error().what.empty());
    CHECK(conversation.http.script.empty());
}

}  // namespace

TEST_CASE("every conversation goes as it is written", "[contract]") {
    for_each_conversation([](const auto& file) { Conversation(house(), file).run(); });
}

TEST_CASE("pulling the same cursor twice gives the same page and the same cursor", "[contract]") {
    for_each_conversation([](const auto& file) {
        INFO(file.string());
        Conversation conversation(house(), file);
        const auto step = first_pull(conversation);
        if (!step) return;
        auto connector = conversation.connect();
        conversation.http.script = conversation.script(step);
        const auto once = conversation.pull(*connector, step, {});
        REQUIRE(once);
        conversation.http.script = conversation.script(step);
        // A session that is known is not asked for again.
        while (!conversation.http.script.empty() && conversation.http.script.front().login)
            conversation.http.script.pop_front();
        const auto twice = conversation.pull(*connector, step, {});
        REQUIRE(twice);
        CHECK(keys_of(*once) == keys_of(*twice));
        CHECK(once->cursor.json == twice->cursor.json);
    });
}

TEST_CASE("an answer that is not JSON is a clear transient fault", "[contract]") {
    for_each_conversation([](const auto& file) {
        for (const auto* text : {"<html>busy</html>", "{\"a\":[1,2", "[1,]", "{\"a\":1,\"a\":2}", "\xff\xfe", ""})
            expect_fault(file, {.status = 200, .body = text}, Fault::transient);
    });
}

TEST_CASE("a refused credential is renewed once at most and then reported", "[contract]") {
    for_each_conversation([](const auto& file) { expect_fault(file, {.status = 401}, Fault::unauthorized); });
}

TEST_CASE("a throttled pull says how long to wait", "[contract]") {
    for_each_conversation([](const auto& file) {
        expect_fault(file, {.status = 429, .headers = {{"Retry-After", "7"}}}, Fault::rate_limited,
                     std::chrono::seconds(7));
        expect_fault(file, {.status = 429, .headers = {{"retry-after", "2.5"}}}, Fault::rate_limited,
                     Milliseconds(2500));
    });
}

TEST_CASE("a broken server is transient and a redirect is the operator's matter", "[contract]") {
    for_each_conversation([](const auto& file) {
        expect_fault(file, {.status = 500, .body = "oops"}, Fault::transient);
        expect_fault(file, {.status = 503}, Fault::transient);
        expect_fault(file, {.status = 302, .headers = {{"Location", "https://elsewhere.example/"}}}, Fault::bad_config);
    });
}

TEST_CASE("no error text and no log line holds a credential", "[contract]") {
    for_each_conversation([](const auto& file) {
        Conversation conversation(house(), file);
        const auto step = first_pull(conversation);
        if (!step) return;
        auto connector = conversation.connect();
        conversation.http.script =
            spoiled(conversation.script(step), {.status = 400, .body = R"({"error":"x"})"}, false);
        const auto page = conversation.pull(*connector, step, {});
        std::string said = conversation.log.captured();
        if (!page) said += page.error().text();
        for (const auto credential : conversation.root().find("credentials"))
            CHECK(said.find(credential.scalar_text()) == std::string::npos);
    });
}
