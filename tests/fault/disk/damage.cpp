// Bits flip and ends are cut off in a copy of the files: what the store says then, counted.
#include <fmt/format.h>

#include <algorithm>

#include "tests/fault/disk/place.hpp"
#include "tests/fault/disk/trace.hpp"

namespace tributary::disk {
namespace {

// Commits at the end of a log whose damage cannot be told from a power loss.
constexpr std::size_t kNewest = 3;

struct Counts {
    std::uint64_t refused = 0, touched = 0, harmless = 0, newest = 0, cut = 0, older = 0, other = 0, unnamed = 0;
    std::string first;
};

struct Damaged {
    Image image;
    std::string how;
    bool log_was_cut = false;
};

Damaged damaged(const Image& whole, std::mt19937_64& random) {
    Damaged made{whole, "", false};
    const bool log = random() % 2 == 0;
    auto& bytes = log ? *made.image.log : made.image.database;
    const auto* file = log ? "log" : "database";
    if (random() % 4 == 0) {
        bytes.resize(random() % bytes.size());
        made.log_was_cut = log;
        made.how = fmt::format("{} cut to {}", file, bytes.size());
        return made;
    }
    const auto flips = 1 + random() % 64;
    for (auto flip = flips; flip > 0; --flip) {
        const auto at = random() % bytes.size();
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
        if (flip == 1) made.how = fmt::format("{} with {} flips, one at {} of {}", file, flips, at, bytes.size());
    }
    return made;
}

void look(Place& place, const Damaged& one, const Trace& trace, Counts& counts) {
    one.image.write_to(place.path());
    auto store = place.open();
    if (!store) {
        ++counts.refused;
        if (store.error().text().find("damaged") != std::string::npos) return;
        ++counts.unnamed;
        if (counts.first.empty()) counts.first = store.error().text();
        return;
    }
    const auto text = text_of(**store);
    const auto& committed = trace.committed();
    const auto same = [&](const auto& state) { return text && state.text == *text; };
    const auto found = std::ranges::find_if(committed.rbegin(), committed.rend(), same);
    const auto missing = static_cast<std::size_t>(found - committed.rbegin());
    if (!text && (*store)->health().poisoned) {
        ++counts.touched;
    } else if (missing == 0) {
        ++counts.harmless;
    } else if (found == committed.rend()) {
        ++counts.other;
    } else if (one.log_was_cut) {
        ++counts.cut;
    } else if (missing <= kNewest) {
        ++counts.newest;
    } else {
        ++counts.older;
        if (counts.first.empty()) counts.first = fmt::format("{}: {} commits are missing", one.how, missing);
    }
}

}  // namespace

void damage(const Campaign& campaign, Verdict& verdict) {
    const int places = campaign.full ? 600 : 60;
    JournalDisk disk;
    Place living("living"), after("after");
    disk.begin("tributary-living-");
    Trace trace(campaign.seed, [&] { return disk.size(); });
    {
        auto store = living.open();
        for (int i = 0; store && i < 60; ++i) std::ignore = trace.round(**store);
    }
    trace.reopened();
    auto store = living.open();
    for (int i = 0; store && i < 8; ++i) std::ignore = trace.round(**store);
    CrashedDisk crashed;
    const auto events = disk.end();
    for (const auto& event : events) crashed.apply(event);
    std::mt19937_64 random(campaign.seed + 4);
    const auto whole = crashed.image(Loss::all, random);
    Counts counts;
    for (int i = 0; i < places; ++i) look(after, damaged(whole, random), trace, counts);
    std::printf(
        "COUNTS damage injected=%d refused_at_start=%llu found_at_work=%llu harmless=%llu log_cut=%llu "
        "newest_commits=%llu older_state=%llu other_content=%llu seed=%llu\n",
        places, static_cast<unsigned long long>(counts.refused), static_cast<unsigned long long>(counts.touched),
        static_cast<unsigned long long>(counts.harmless), static_cast<unsigned long long>(counts.cut),
        static_cast<unsigned long long>(counts.newest), static_cast<unsigned long long>(counts.older),
        static_cast<unsigned long long>(counts.other), static_cast<unsigned long long>(campaign.seed));
    verdict.check(fmt::format("{} damaged copies: what is refused is called damaged", places), counts.unnamed == 0,
                  counts.first);
    verdict.check(
        "no older state is served as the present one, but for a log that was cut or hit in its newest commits",
        counts.older == 0, counts.first);
    verdict.check("flipped bits are found", counts.refused > static_cast<std::uint64_t>(places) / 3);
}

}  // namespace tributary::disk
