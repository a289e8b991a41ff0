#include "gateway/run/backoff.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace std::chrono_literals;

namespace {
const Timestamp kFirstTry{std::chrono::hours{24 * 365 * 56}};
}

TEST_CASE("the default schedule widens from seconds to half days and ends within 72 hours", "[backoff]") {
    run::Backoff backoff;
    auto now = kFirstTry;
    std::vector<Milliseconds> waits;
    for (unsigned failures = 1;; ++failures) {
        auto wait = run::next_delay(backoff, failures, kFirstTry, now, 0.375);  // U(0.85, 1.25) at 1.0
        if (!wait) break;
        waits.push_back(*wait);
        now += *wait;
    }
    std::vector<Milliseconds> expected{5000ms, 30s, 2min, 10min, 30min, 1h, 2h, 4h, 8h, 12h, 12h, 12h, 12h};
    CHECK(waits == expected);
    CHECK(now - kFirstTry <= 72h);
}

TEST_CASE("jitter stays within 0.85 to 1.25 and is never narrower than a second", "[backoff]") {
    CHECK(run::jittered(1h, 0) == 51min);
    CHECK(run::jittered(1h, 0.999999) < 75min);
    CHECK(run::jittered(1h, 0.999999) > 74min);
    CHECK(run::jittered(100ms, 0) == 85ms);
    CHECK(run::jittered(100ms, 0.5) == 585ms);
}

TEST_CASE("a hint may only delay", "[backoff]") {
    run::Backoff backoff;
    CHECK(run::next_delay(backoff, 1, kFirstTry, kFirstTry, 0, 60s) == 60s);
    CHECK(run::next_delay(backoff, 1, kFirstTry, kFirstTry, 0, 1s) == 4250ms);
}

TEST_CASE("a wait that would end after the deadline means giving up", "[backoff]") {
    run::Backoff backoff{.give_up_after = 1min};
    CHECK(run::next_delay(backoff, 1, kFirstTry, kFirstTry + 50s, 0));
    CHECK_FALSE(run::next_delay(backoff, 1, kFirstTry, kFirstTry + 58s, 0));
    CHECK_FALSE(run::next_delay(backoff, 1, kFirstTry, kFirstTry, 0, 2min));
}
