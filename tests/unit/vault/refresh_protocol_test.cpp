// The refresh protocol by tables: tests/cases/oauth.
#include "gateway/vault/refresh_protocol.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "gateway/base/text.hpp"

using namespace tributary;
using namespace tributary::vault;

namespace {

using Row = std::vector<std::string>;

// Calls f(cells) for each row of a table; `columns` cells in each.
template <class F>
void for_each_row(const std::string& name, std::size_t columns, F f) {
    std::ifstream file(TRIBUTARY_SOURCE_DIR "/tests/cases/oauth/" + name);
    REQUIRE(file.good());
    std::size_t rows = 0;
    for (std::string line; std::getline(file, line);) {
        if (trim(line).empty() || line.starts_with('#')) continue;
        Row cells;
        for (const auto cell : split(line, '|')) cells.emplace_back(trim(cell));
        INFO(line);
        REQUIRE(cells.size() == columns);
        f(cells);
        ++rows;
    }
    CHECK(rows >= 10);
}

Timestamp at(const std::string& number) {
    return Timestamp(Milliseconds(std::stoll(number)));
}

std::pair<GrantPhase, std::string> phase_of(const std::string& cell) {
    const auto words = split(cell, ' ');
    REQUIRE(words.size() >= 2);
    for (const auto phase : {GrantPhase::idle, GrantPhase::refreshing, GrantPhase::needs_login})
        if (name_of(phase) == words[0]) return {phase, words.back() == "-" ? "" : std::string(words.back())};
    FAIL("no such phase: " + cell);
    return {};
}

GrantView view_of(const std::string& phase, const std::string& access, const std::string& expires,
                  const std::string& refresh_at, const std::string& refused, const std::string& refresh) {
    GrantView view;
    view.state.version = 3;
    view.state.fence = 7;
    std::tie(view.state.phase, view.state.mark) = phase_of(phase);
    view.has_access = access == "yes";
    view.has_refresh = refresh == "yes";
    view.mark = view.has_refresh ? "r" : "";
    view.refresh_at = at(refresh_at);
    if (expires != "-") view.expires = at(expires);
    if (refused != "-") view.refused = std::stoull(refused);
    return view;
}

const Timestamp kNow{Milliseconds(100)};

}  // namespace

TEST_CASE("what a process does with a grant", "[oauth]") {
    static const std::map<GrantMove, std::string> kWords{
        {GrantMove::use, "use"}, {GrantMove::lease, "lease"}, {GrantMove::wait, "wait"}, {GrantMove::log_in, "log_in"}};
    for_each_row("next_step.txt", 8, [](const Row& row) {
        auto view = view_of(row[0], row[2], row[3], row[4], row[5], row[6]);
        view.state.lease_until = at(row[1]);
        const auto step = next_step(view, kNow);
        auto text = kWords.at(step.move);
        if (step.move == GrantMove::wait) text += " " + std::to_string(step.until.time_since_epoch().count());
        CHECK(text == row[7]);
    });
}

TEST_CASE("what the holder of a lease does", "[oauth]") {
    static const std::map<LeasedMove, std::string> kWords{
        {LeasedMove::call, "call"}, {LeasedMove::stand_down, "stand_down"}, {LeasedMove::give_up, "give_up"}};
    for_each_row("under_lease.txt", 10, [](const Row& row) {
        auto view = view_of(row[2], row[3], row[4], row[5], row[6], row[7]);
        view.state.version = std::stoull(row[0]);
        view.state.fence = std::stoull(row[1]);
        const auto lost = row[8] == "retry" ? LostAnswer::retry : LostAnswer::log_in_again;
        CHECK(kWords.at(under_lease(view, {"g", 3, 7}, lost, kNow)) == row[9]);
    });
}

TEST_CASE("what follows a call to the token endpoint", "[oauth]") {
    static const std::map<std::string, CallEnd> kEnds{{"granted", CallEnd::granted},
                                                      {"refused", CallEnd::refused},
                                                      {"failed", CallEnd::failed},
                                                      {"unknown", CallEnd::unknown}};
    static const std::map<AfterCall, std::string> kWords{{AfterCall::save, "save"},
                                                         {AfterCall::take_newer, "take_newer"},
                                                         {AfterCall::needs_login, "needs_login"},
                                                         {AfterCall::back, "back"},
                                                         {AfterCall::keep_intent, "keep_intent"}};
    for_each_row("after_call.txt", 4, [](const Row& row) {
        GrantState there;
        there.version = std::stoull(row[1]);
        there.fence = std::stoull(row[2]);
        CHECK(kWords.at(after_call(kEnds.at(row[0]), there, {"g", 3, 7})) == row[3]);
    });
}
