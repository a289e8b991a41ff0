#include "gateway/flow/delivery_rules.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "gateway/base/duration.hpp"
#include "gateway/base/text.hpp"

using namespace tributary;
using namespace tributary::flow;

namespace {

Fault fault_named(std::string_view name) {
    for (auto fault : {Fault::bad_input, Fault::bad_config, Fault::unauthorized, Fault::rate_limited, Fault::transient,
                       Fault::conflict, Fault::refused, Fault::not_found, Fault::internal})
        if (name_of(fault) == name) return fault;
    FAIL("no such fault: " << name);
    return Fault::internal;
}

std::optional<Milliseconds> duration(std::string_view text) {
    if (text == "-") return std::nullopt;
    return parse_duration(text).value();
}

OnPermanentFailure policy(std::string_view text) {
    return text == "block"  ? OnPermanentFailure::block
           : text == "skip" ? OnPermanentFailure::skip
                            : OnPermanentFailure::supersede;
}

}  // namespace

TEST_CASE("every fault leads to the action of the table", "[delivery]") {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/delivery/rules.txt");
    int cases = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        INFO(line);
        auto halves = line.find("=>");
        std::vector<std::string_view> in, out;
        for (auto piece : split(std::string_view(line).substr(0, halves), '|')) in.push_back(trim(piece));
        for (auto piece : split(std::string_view(line).substr(halves + 2), '|')) out.push_back(trim(piece));
        REQUIRE(in.size() == 7);
        REQUIRE(out.size() == 4);
        Attempt attempt;
        attempt.fault = fault_named(in[0]);
        attempt.ambiguous = in[1] == "yes";
        attempt.resend_is_harmless = in[2] == "yes";
        attempt.retry_after = duration(in[3]);
        attempt.fail_count = static_cast<int>(to_integer(in[4]).value());
        attempt.scheduled = duration(in[5]);
        attempt.on_permanent_failure = policy(in[6]);
        auto verdict = judge(attempt);
        CHECK(name_of(verdict.action) == out[0]);
        CHECK(verdict.delay == duration(out[1]));
        CHECK(verdict.counted == (out[2] == "yes"));
        CHECK(verdict.breaker_failure == (out[3] == "yes"));
        ++cases;
    }
    CHECK(cases >= 20);
}
