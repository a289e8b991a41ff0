#include "gateway/consent/decision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <set>

#include "tests/unit/consent/decision_case.hpp"

using namespace tributary;
using namespace tributary::consent;

namespace {

constexpr const char* kCases = TRIBUTARY_SOURCE_DIR "/tests/cases/consent";

PurposeRegistry registry() {
    spec::Problems problems;
    auto loaded = PurposeRegistry::load(std::string(kCases) + "/purposes.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    return *loaded;
}

std::string answer(const PurposeRegistry& purposes, const CaseQuestion& ask, const std::vector<ConsentEvent>& events) {
    auto decision = decide(purposes, build(ask, events));
    return fmt::format("{} {}", name_of(decision.verdict), decision.reason);
}

// An event with random parts, near enough to others that every rule between two events is met now and then.
ConsentEvent random_event(std::mt19937& random, std::uint8_t number) {
    auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
    ConsentEvent event;
    event.id.bytes[15] = number;
    event.purpose =
        std::array{"marketing.sms", "marketing.sms", "marketing", "personalise"}[static_cast<std::size_t>(below(4))];
    event.channel = std::array{Channel::sms, Channel::mms, Channel::any}[static_cast<std::size_t>(below(3))];
    event.contact_point = point(std::array{"", "aa", "bb"}[static_cast<std::size_t>(below(3))]);
    event.state = static_cast<State>(below(10));
    event.origin = static_cast<Origin>(below(5));
    event.type = static_cast<EventType>(below(7));
    event.event_time = kNow - std::chrono::minutes(below(40) - 3);
    event.received_at = event.event_time + std::chrono::minutes(below(20) - 10);
    if (below(2) == 0) event.proof.kind = "signed_form";
    if (below(5) == 0) event.valid_until = kNow - std::chrono::minutes(below(10) - 5);
    if (below(4) == 0) event.reason = kObjection;
    return event;
}

CaseQuestion random_question(std::mt19937& random) {
    CaseQuestion ask{.purpose = random() % 4 == 0 ? "personalise" : "marketing.sms",
                     .channel = random() % 2 == 0 ? "sms" : "any"};
    ask.contact_point = random() % 2 == 0 ? "aa" : "";
    return ask;
}

}  // namespace

TEST_CASE("every row of the decision table answers as its cases say", "[consent]") {
    auto purposes = registry();
    std::set<std::string> rows;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kCases)) {
        auto file = entry.path().filename().string();
        if (!file.starts_with("row")) continue;
        rows.insert(file.substr(0, 5));
        spec::Problems problems;
        auto cases = spec::load<std::vector<Case>>(entry.path().string(), problems);
        INFO(problems.text());
        REQUIRE(problems.ok());
        for (const auto& one : *cases) {
            INFO(file << ": " << one.name);
            auto events = build_events(one);
            CHECK(answer(purposes, one.ask, events) == one.expect);
            CHECK(decide(purposes, build(one.ask, events)).future_events == static_cast<std::size_t>(one.future));
            ++count;
        }
    }
    CHECK(rows.size() == decision_table().size());
    CHECK(count >= 70);
}

TEST_CASE("a decision does not depend on the order of the events or on repetitions", "[consent]") {
    auto purposes = registry();
    std::mt19937 random(20260105);
    std::map<std::string, int> met;
    for (int round = 0; round < 3000; ++round) {
        std::vector<ConsentEvent> events;
        auto count = 1 + random() % 7;
        for (std::uint8_t i = 0; i < count; ++i) events.push_back(random_event(random, i));
        auto ask = random_question(random);
        auto first = decide(purposes, build(ask, events));
        ++met[std::string(first.reason)];
        for (int turn = 0; turn < 5; ++turn) {
            auto shuffled = events;
            std::shuffle(shuffled.begin(), shuffled.end(), random);
            if (turn > 2) shuffled.push_back(shuffled.front());
            auto again = decide(purposes, build(ask, shuffled));
            INFO("round " << round);
            REQUIRE(again.reason == first.reason);
            REQUIRE(again.verdict == first.verdict);
            REQUIRE(again.version == first.version);
        }
    }
    for (const auto* reason :
         {"C-OBJECT", "C-WITHDRAWN", "C-PENDING", "C-EXPIRED", "C-BROADER", "C-GIVEN", "C-NOPROOF", "C-UNKNOWN"})
        CHECK(met[reason] > 10);
}

TEST_CASE("no import, system event or denial ever makes a denied question allowed", "[consent]") {
    auto purposes = registry();
    std::mt19937 random(7);
    int denied = 0;
    for (int round = 0; round < 5000; ++round) {
        std::vector<ConsentEvent> events;
        auto count = 1 + random() % 5;
        for (std::uint8_t i = 0; i < count; ++i) events.push_back(random_event(random, i));
        auto ask = random_question(random);
        auto before = decide(purposes, build(ask, events));
        auto known_denial = before.reason == "C-OBJECT" || before.reason == "C-WITHDRAWN" ||
                            before.reason == "C-BROADER" || before.reason == "C-PENDING";
        auto extra = random_event(random, 100);
        if (!known_denial || (extra.by_subject() && extra.is_grant())) continue;
        ++denied;
        events.push_back(extra);
        INFO("round " << round << " " << before.reason);
        REQUIRE_FALSE(decide(purposes, build(ask, events)).allowed());
    }
    CHECK(denied > 500);
}

TEST_CASE("the version changes when a considered event is added, and only then", "[consent]") {
    auto purposes = registry();
    CaseQuestion ask{.purpose = "personalise"};
    CaseEvent given{.state = "given", .origin = "subject", .proof = "signed_form", .ago = std::chrono::hours(1)};
    CaseEvent other = given;
    other.purpose = "legal.tax";
    std::vector events{build(given, "personalise", 1)};
    auto first = decide(purposes, build(ask, events)).version;
    events.push_back(build(other, "personalise", 2));
    CHECK(decide(purposes, build(ask, events)).version == first);
    events.push_back(build(given, "personalise", 3));
    CHECK(decide(purposes, build(ask, events)).version != first);
    CHECK(first.size() == 64);
}
