// The twelve ways to tamper with a trail. Each must show, with the place where it shows.
#include "gateway/audit/trail.hpp"

#include <catch2/catch.hpp>

#include "gateway/record/timestamp.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::audit;

namespace {

std::string entry_at(int number, Timestamp at) {
    return R"({"v":1,"ts":")" + record::timestamp_text(at) + R"(","action":"act )" + std::to_string(number) + "\"}";
}

struct Written {
    std::vector<Entry> entries;
    Tree tree;

    void add(std::string bytes) {
        const auto chain = entries.empty() ? Hash{} : entries.back().chain;
        const auto leaf = leaf_hash(bytes);
        entries.push_back(
            {static_cast<std::int64_t>(entries.size()) + 1, std::move(bytes), leaf, chain_hash(chain, leaf)});
        tree.append(leaf);
    }
    Checkpoint checkpoint() const { return {"acme/audit", tree.size(), tree.root()}; }
};

Timestamp moment(int second) {
    return *record::parse_timestamp("2026-01-05T10:00:00Z") + std::chrono::seconds(second);
}

Written trail_of(int count, int salt = 0) {
    Written out;
    for (int i = 1; i <= count; ++i) out.add(entry_at(i + salt, moment(i)));
    return out;
}

TrailCheck::Outcome judge(const std::vector<Entry>& entries, std::vector<Checkpoint> checkpoints = {}) {
    TrailCheck check(std::move(checkpoints));
    for (const auto& entry : entries)
        if (!check.add(entry)) break;
    return check.finish();
}

// The hashes laid anew from `from` on, as somebody would who can write to the store.
std::vector<Entry> rehashed(std::vector<Entry> entries) {
    Hash chain{};
    for (auto& entry : entries) {
        entry.leaf = leaf_hash(entry.bytes);
        entry.chain = chain_hash(chain, entry.leaf);
        chain = entry.chain;
    }
    return entries;
}

}  // namespace

TEST_CASE("a whole trail is whole, with every checkpoint of its past", "[audit]") {
    const auto past = trail_of(4), now = trail_of(9);
    const auto outcome =
        judge(now.entries, {now.checkpoint(), past.checkpoint(), Checkpoint{"acme/audit", 0, Tree().root()}});
    CHECK(outcome.reason.empty());
    CHECK_FALSE(outcome.broken_at);
    CHECK(outcome.entries == 9);
    CHECK(outcome.checkpoints == 3);
    CHECK(outcome.root == now.tree.root());
    CHECK(judge({}).reason.empty());
}

TEST_CASE("each way to tamper with a trail shows", "[audit]") {
    const auto written = trail_of(9);
    const auto kept = written.checkpoint();
    auto entries = written.entries;
    std::vector<Checkpoint> checkpoints;
    std::int64_t at = 0;
    std::string reason;
    SECTION("a byte is flipped") {
        entries[3].bytes[20] ^= 1;
        at = 4, reason = "its bytes were changed";
    }
    SECTION("an entry in the middle is deleted") {
        entries.erase(entries.begin() + 3);
        at = 5, reason = "entries are missing before it";
    }
    SECTION("and the numbers are closed up") {
        entries.erase(entries.begin() + 3);
        for (std::size_t i = 3; i < entries.size(); ++i) --entries[i].seq;
        at = 4, reason = "does not follow";
    }
    SECTION("the end is cut off, with a checkpoint kept elsewhere") {
        entries.resize(6);
        checkpoints = {kept};
        at = 7, reason = "a checkpoint counts 9 entries";
    }
    SECTION("two entries change places") {
        std::swap(entries[3], entries[4]);
        at = 5, reason = "entries are missing before it";
    }
    SECTION("and their numbers with them") {
        std::swap(entries[3], entries[4]);
        std::swap(entries[3].seq, entries[4].seq);
        at = 4, reason = "does not follow";
    }
    SECTION("an entry is put in") {
        auto more = entries[3];
        more.seq = 5;
        entries.insert(entries.begin() + 4, more);
        at = 5, reason = "does not follow";
    }
    SECTION("a number stands twice") {
        entries.insert(entries.begin() + 4, entries[3]);
        at = 4, reason = "stands where 5 was expected";
    }
    SECTION("the whole trail is written anew, with its old checkpoint kept elsewhere") {
        entries[0].bytes = entry_at(77, moment(1));
        entries = rehashed(entries);
        checkpoints = {kept};
        at = 9, reason = "another root";
    }
    SECTION("two nodes went on from the same past, each with checkpoints of its own") {
        auto other = trail_of(4);
        for (int i = 5; i <= 9; ++i) other.add(entry_at(i + 100, moment(i)));
        checkpoints = {kept, other.checkpoint()};
        at = 9, reason = "another root";
    }
    SECTION("an entry is longer than any that is written") {
        entries[8].bytes = R"({"ts":"2026-01-05T10:00:10Z","x":")" + std::string(kLongestEntry, 'x') + "\"}";
        entries = rehashed(entries);
        at = 9, reason = "longer than any entry";
    }
    SECTION("an entry is no JSON, so that it would end a line of an export") {
        entries[8].bytes = "{\"ts\":\"2026-01-05T10:00:10Z\",\n\"x\":1";
        entries = rehashed(entries);
        at = 9, reason = "tells no time";
    }
    const auto outcome = judge(entries, checkpoints);
    INFO(outcome.reason);
    CHECK(outcome.broken_at == at);
    CHECK(outcome.reason.contains(reason));
}

TEST_CASE("a clock that was set back is told, and breaks nothing", "[audit]") {
    auto written = trail_of(3);
    written.add(entry_at(4, moment(-100)));
    written.add(entry_at(5, moment(4)));
    const auto outcome = judge(written.entries);
    CHECK(outcome.clock_back_at == 4);
    CHECK(outcome.reason.empty());
    auto close = trail_of(3);
    close.add(entry_at(4, moment(0)));
    CHECK_FALSE(judge(close.entries).clock_back_at);
}

TEST_CASE("a line of an export is read back to the byte, and holds no line end", "[audit]") {
    Written written;
    written.add("{\"ts\":\"2026-01-05T10:00:00Z\",\"agent\":\"a\\r\\n\\u001b[31m\xE2\x80\xAE\"}");
    const auto line = written.entries[0].line();
    CHECK(line.find('\n') == std::string::npos);
    const auto read = Entry::parse(line);
    REQUIRE(read);
    CHECK(read->bytes == written.entries[0].bytes);
    CHECK(judge({*read}).reason.empty());
    for (const auto* bad : {"", "[]", "{}", R"({"seq":1,"leaf":"00","chain":"00","entry":"x"})"})
        CHECK_FALSE(Entry::parse(bad));
}
