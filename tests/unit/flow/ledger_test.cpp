#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "gateway/flow/ledger_keeper.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"

using namespace tributary;
using namespace tributary::flow;

namespace {

Uid numbered(std::uint8_t number) {
    Uid uid;
    uid.bytes[15] = number;
    return uid;
}

store::ConsentEventRow event(std::uint8_t number, std::string_view state) {
    return {.event = numbered(number),
            .subject = numbered(200),
            .purpose = "marketing",
            .event_at = Timestamp{Milliseconds{number}},
            .received_at = Timestamp{Milliseconds{number}},
            .body = R"({"event_state":")" + std::string(state) + R"("})"};
}

struct LedgerHouse {
    LedgerHouse() {
        auto pattern = (std::filesystem::temp_directory_path() / "tributary-ledger-XXXXXX").string();
        folder = ::mkdtemp(pattern.data());
        REQUIRE(vault::create_master_file(folder / "master", random));
        ring.emplace(
            *vault::KeyRing::create(folder / "ring", *vault::Master::from_file(folder / "master"), random, clock));
        open();
    }
    ~LedgerHouse() {
        store.reset();
        std::filesystem::remove_all(folder);
    }
    void open(const std::string& name = "a.db") {
        store.reset();
        store::SqliteOptions options;
        options.path = folder / name;
        store = *store::open_sqlite(std::move(options), clock, log);
    }
    LedgerKeeper keeper() { return {*store, *ring, clock, log, path()}; }
    std::filesystem::path path() const { return folder / "ledger"; }
    std::string text() const {
        std::ifstream in(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void lay(std::string_view text) const { std::ofstream(path(), std::ios::binary | std::ios::trunc) << text; }
    template <class F>
    void write(F use) {
        REQUIRE(store->write([&](store::Session& session) -> Result<void> {
            CHECK_OK(use(session));
            return {};
        }));
    }
    void consent(std::uint8_t number, std::string_view state) {
        const std::vector rows{event(number, state)};
        write([&](store::Session& s) { return s.consent_events().put(rows); });
    }
    std::size_t events() {
        std::size_t count = 0;
        REQUIRE(store->read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto rows, session.consent_events().list(0, 1000));
            count = rows.size();
            return {};
        }));
        return count;
    }
    std::size_t lines() { return read_ledger(path(), *ring)->lines.size(); }

    crypto::SystemRandom random;
    FakeClock clock;
    Log log{LogLevel::debug, Log::Target::memory};
    std::filesystem::path folder;
    std::optional<vault::KeyRing> ring;
    std::unique_ptr<store::Store> store;
};

void fill(LedgerHouse& house) {
    house.consent(1, "given");
    house.consent(2, "withdrawn");
    house.consent(3, "refused");
    store::Suppression suppression;
    suppression.key[0] = 7;
    suppression.reason = "withdrawn";
    suppression.at = Timestamp{Milliseconds{5}};
    house.write([&](store::Session& s) { return s.suppressions().put(std::span(&suppression, 1)); });
    store::Erasure erasure{.request = numbered(50), .subject = numbered(60)};
    erasure.keys.emplace_back()[0] = 9;
    house.write([&](store::Session& s) { return s.erasures().add(std::span(&erasure, 1)); });
}

}  // namespace

TEST_CASE("what forbids goes into the ledger once, what allows does not", "[ledger]") {
    LedgerHouse house;
    fill(house);
    auto keeper = house.keeper();
    REQUIRE(keeper.open());
    CHECK(house.lines() == 4);
    REQUIRE(keeper.keep());
    CHECK(house.lines() == 4);
    house.consent(4, "withdrawn");
    house.consent(5, "renewed");
    REQUIRE(keeper.keep());
    CHECK(house.lines() == 5);
    REQUIRE(house.keeper().open());
    CHECK(house.lines() == 5);
}

TEST_CASE("a store that lacks what the ledger holds gets it, and its numbers go on", "[ledger]") {
    LedgerHouse house;
    fill(house);
    REQUIRE(house.keeper().open());
    house.open("older.db");
    house.consent(1, "given");
    auto keeper = house.keeper();
    const auto replayed = keeper.open();
    REQUIRE(replayed);
    CHECK(replayed->withdrawals == 2);
    CHECK(replayed->suppressions == 1);
    CHECK(replayed->erasures == 1);
    CHECK(house.events() == 3);
    REQUIRE(house.store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto entries, session.audit().read(0, 10));
        REQUIRE(entries.size() == 1);
        CHECK(entries.front().bytes.find(R"("action":"ledger.replay")") != std::string::npos);
        return {};
    }));
    // Nothing is appended a second time, and a second start replays nothing.
    CHECK(house.lines() == 4);
    CHECK(house.keeper().open()->withdrawals == 0);
    house.consent(9, "revoked");
    REQUIRE(keeper.keep());
    CHECK(house.lines() == 5);
}

TEST_CASE("keys of who was erased are gone when the ledger is replayed", "[ledger]") {
    LedgerHouse house;
    fill(house);
    REQUIRE(house.keeper().open());
    house.open("older.db");
    const std::vector<vault::WrappedKey> keys{{numbered(60), numbered(1), "wrapped"}, {numbered(61), numbered(1), "w"}};
    house.write([&](store::Session& s) { return s.keys().put(keys); });
    REQUIRE(house.keeper().open());
    REQUIRE(house.store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto found, session.keys().find(std::vector{numbered(60), numbered(61)}));
        CHECK_FALSE(found[0]);
        CHECK(found[1]);
        return {};
    }));
}

TEST_CASE("rows of who was erased are gone when the ledger is replayed, what is being erased is left to the eraser",
          "[ledger][req24]") {
    LedgerHouse house;
    fill(house);
    REQUIRE(house.keeper().open());
    const bool knows = GENERATE(false, true);
    if (!knows) house.open("older.db");
    const auto own = event(4, "given");
    auto theirs = event(5, "given");
    theirs.subject = numbered(60);
    theirs.sealed = "sealed";
    house.write([&](store::Session& s) { return s.consent_events().put(std::vector{own, theirs}); });
    REQUIRE(house.keeper().open());
    REQUIRE(house.store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto events, session.consent_events().of(std::vector{numbered(60), numbered(50), numbered(200)}));
        CHECK(events[0].size() == (knows ? 1 : 0));
        CHECK(events[1].size() == (knows ? 0 : 1));  // as evidence, under the request
        if (!knows) CHECK(events[1].at(0).sealed.empty());
        CHECK(events[2].size() == (knows ? 4 : 3));
        return {};
    }));
}

TEST_CASE("a store that goes back in time under a running gateway is brought up again", "[ledger]") {
    LedgerHouse house;
    fill(house);
    auto keeper = house.keeper();
    REQUIRE(keeper.open());
    store::LedgerPosition early;
    REQUIRE(house.store->read([&](store::ReadSession& session) -> Result<void> {
        TRY(early, session.ledger_position().get(""));
        return {};
    }));
    house.consent(4, "withdrawn");
    REQUIRE(keeper.keep());
    CHECK(house.lines() == 5);
    // As a restored database has it; the row of the withdrawal is known, so nothing is doubled.
    house.write([&](store::Session& s) { return s.ledger_position().put("", early); });
    house.consent(5, "withdrawn");
    REQUIRE(keeper.keep());
    CHECK(house.log.captured().find("restored under a running gateway") != std::string::npos);
    CHECK(house.lines() == 6);
    CHECK(house.events() == 5);
    REQUIRE(house.keeper().open());
    CHECK(house.lines() == 6);
}

TEST_CASE("each gateway keeps a ledger of its own, from the first line on", "[ledger]") {
    LedgerHouse house;
    fill(house);
    const auto other = house.folder / "other";
    LedgerKeeper one(*house.store, *house.ring, house.clock, house.log, house.path(), "a:/ledger");
    LedgerKeeper two(*house.store, *house.ring, house.clock, house.log, other, "b:/ledger");
    REQUIRE(one.open());
    house.consent(4, "withdrawn");
    REQUIRE(two.open());
    REQUIRE(one.keep());
    CHECK(house.lines() == 5);
    CHECK(read_ledger(other, *house.ring)->lines.size() == 5);
    // A machine of another name with the file of one.
    LedgerKeeper moved(*house.store, *house.ring, house.clock, house.log, house.path(), "c:/ledger");
    const auto replayed = moved.open();
    REQUIRE(replayed);
    CHECK(replayed->withdrawals + replayed->erasures == 0);
    CHECK(house.lines() == 5);
    REQUIRE(two.keep());
    CHECK(read_ledger(other, *house.ring)->lines.size() == 5);
}

TEST_CASE("a crash between the ledger and the store loses and doubles nothing", "[ledger]") {
    LedgerHouse house;
    fill(house);
    REQUIRE(house.keeper().open());
    house.consent(6, "withdrawn");
    house.consent(7, "withdrawn");
    // Written outside, the position not: the line of 6 stands there, that of 7 does not.
    auto content = *read_ledger(house.path(), *house.ring);
    std::string line;
    ledger_line(event(6, "withdrawn"), content.mac(), *house.ring, line);
    house.lay(house.text() + line + "\n" + R"({"torn)");
    auto keeper = house.keeper();
    REQUIRE(keeper.open());
    CHECK(house.lines() == 6);
    CHECK(house.events() == 5);
    CHECK(house.text().find("torn") == std::string::npos);
    REQUIRE(keeper.keep());
    CHECK(house.lines() == 6);
}

TEST_CASE("a ledger that was changed is refused, one that is gone is written anew", "[ledger]") {
    LedgerHouse house;
    fill(house);
    REQUIRE(house.keeper().open());
    const auto whole = house.text();
    const auto second = whole.find('\n') + 1, third = whole.find('\n', second) + 1;

    SECTION("a changed byte") {
        auto text = whole;
        text[second + 30] ^= 1;
        house.lay(text);
        const auto opened = house.keeper().open();
        REQUIRE_FALSE(opened);
        CHECK(opened.error().where.find("line 2") != std::string::npos);
    }
    SECTION("a line left out, doubled, or moved") {
        const auto one = whole.substr(0, second), two = whole.substr(second, third - second),
                   rest = whole.substr(third);
        for (const auto& text : {one + rest, one + two + two + rest, two + one + rest}) {
            house.lay(text);
            CHECK(house.keeper().open().error().fault == Fault::refused);
        }
    }
    SECTION("the end cut off") {
        house.lay(whole.substr(0, third));
        REQUIRE(house.keeper().open());
        CHECK(house.log.captured().find("lines are missing") != std::string::npos);
        CHECK(house.lines() >= 4);
    }
    SECTION("gone") {
        std::filesystem::remove(house.path());
        REQUIRE(house.keeper().open());
        CHECK(house.log.captured().find("lines are missing") != std::string::npos);
        CHECK(house.lines() == 4);
    }
    SECTION("of another gateway") {
        LedgerHouse other;
        other.lay(whole);
        CHECK(other.keeper().open().error().fault == Fault::not_found);
    }
}
