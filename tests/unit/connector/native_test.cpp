// A plug-in in C, well-behaved and not, on a thread and in a process of its own.
#include "gateway/connector/native/native_connector.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "gateway/connector/native/frame.hpp"
#include "gateway/connector/native/library.hpp"
#include "tests/contract/connector/any_engine.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using namespace tributary::connector;
using namespace std::chrono_literals;

namespace {

struct NativeWorld {
    test::World parts;
    run::SystemTimers system;
    run::Timers* timers = &system;
    Log log{LogLevel::debug, Log::Target::memory};
    Description about{.credentials = {{.name = "key"}}, .open_streams = true, .open_actions = true};

    NativeWorld() { parts.credentials["key"] = "fresh"; }

    Result<std::unique_ptr<Connector>> make(bool process, const std::string& mode, Milliseconds limit = 20s,
                                            const char* library = TRIBUTARY_PLUGIN_AWKWARD) {
        auto setup = parts.setup(fmt::format(R"({{"mode":"{}"}})", mode));
        return make_native({.library = library, .own_process = process, .call_timeout = limit}, about,
                           Setup{.connection = "till",
                                 .settings = std::move(setup.settings),
                                 .credential = setup.credential,
                                 .directory = setup.directory,
                                 .http = parts.http,
                                 .timers = *timers,
                                 .blocking = parts.pool,
                                 .random = parts.random,
                                 .log = log},
                           {TRIBUTARY_PLUGIN_HOST});
    }
    std::unique_ptr<Connector> connect(bool process, const std::string& mode, Milliseconds limit = 20s) {
        auto made = make(process, mode, limit);
        if (!made) FAIL(made.error().text());
        return *std::move(made);
    }
    Result<Page> pull(Connector& connector, const std::string& cursor = "", const std::string& stream = "rows") {
        return run::run_blocking(parts.loop, connector.source()->pull(stream, {cursor}));
    }
    std::vector<Sink::Outcome> push(Connector& connector, std::size_t count = 2) {
        std::vector<Push> items;
        for (std::size_t i = 0; i < count; ++i)
            items.push_back({.idempotency_key = std::to_string(i), .record = test::json("{}")});
        return run::run_blocking(parts.loop, connector.sink()->push("keep", std::move(items)));
    }
};

}  // namespace

TEST_CASE("a plug-in keeps the contract of a connector, on a thread and in a process", "[native][contract]") {
    const bool process = GENERATE(false, true);
    INFO((process ? "process" : "thread"));
    NativeWorld world;
    auto till = world.connect(process, "print");
    REQUIRE(run::run_blocking(world.parts.loop, till->check()));
    const auto page = world.pull(*till);
    REQUIRE(page);
    REQUIRE(page->records.size() == 1);
    CHECK(page->records[0].external_id == "1");
    CHECK(page->records[0].json == R"({"n":1})");
    REQUIRE(page->broken.size() == 1);
    CHECK(page->broken[0].raw == "not json");
    CHECK_FALSE(page->last);
    const auto again = world.pull(*till);
    REQUIRE(again);
    CHECK(again->cursor.json == page->cursor.json);
    const auto last = world.pull(*till, page->cursor.json);
    REQUIRE(last);
    CHECK(last->last);

    CHECK(till->sink()->idempotency("keep") == Idempotency::natural_key);
    CHECK(till->sink()->batch_limit("keep") == 3);
    const auto outcomes = world.push(*till);
    REQUIRE(outcomes.size() == 2);
    CHECK(outcomes[0].result->remote_id == "r1");
    CHECK(outcomes[1].result.error().fault == Fault::rate_limited);
    CHECK(outcomes[1].result.error().retry_after == 1500ms);
    // Three items, two outcomes: that is no answer, and nobody knows what arrived.
    CHECK(world.push(*till, 3)[0].ambiguous);
    const Push item{.idempotency_key = "0", .record = test::json("{}")};
    CHECK(run::run_blocking(world.parts.loop, till->sink()->look_up("keep", item)).value() == std::nullopt);
    CHECK(run::run_blocking(world.parts.loop, till->source()->fetch("rows", "9")).error().fault == Fault::not_found);
    CHECK(world.pull(*till, "", "rosw").error().what == "the plug-in has no stream 'rosw'; did you mean 'rows'?");
    CHECK(world.log.captured().find("called") != std::string::npos);
}

TEST_CASE("a plug-in keeps what any engine's connector keeps", "[native][contract]") {
    const bool process = GENERATE(false, true);
    INFO((process ? "process" : "thread"));
    NativeWorld world;
    auto till = world.connect(process, "");
    CHECK(contract::read_to_the_end(world.parts.loop, *till, "rows") == std::vector<std::string>{"1", "3"});
    contract::refuse_unknown(world.parts.loop, *till);
    std::vector<Push> items;
    for (const auto* key : {"0", "1"}) items.push_back({.idempotency_key = key, .record = test::json("{}")});
    const auto outcomes = contract::push_all(world.parts.loop, *till, "keep", std::move(items), {"fresh"});
    CHECK(outcomes[0].result);
}

TEST_CASE("what is no library is told by `check`, before anything runs", "[native]") {
    test::Directory folder;
    std::filesystem::create_directory(folder.path() / "till");
    folder.write("till/connector.yaml",
                 "connector: till\ntitle: Till\nfamily: generic\nengine: native\nnative: { library: till.so }\n");
    Registry registry;
    spec::Problems problems;
    registry.load_file(folder.path() / "till/connector.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    const auto told = [&] {
        spec::Problems found;
        registry.check_settings("till", nullptr, {"gateway.yaml", {}, {}}, found);
        return found.text();
    };
    CHECK(told().contains("the library is not there"));
    folder.write("till/till.so", "hello");
    CHECK(told().contains("it is no shared library"));
    std::filesystem::copy_file(TRIBUTARY_PLUGIN_AWKWARD, folder.path() / "till/till.so",
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(told().empty());
}

TEST_CASE("a plug-in that is not for this gateway says what is expected", "[native]") {
    NativeWorld world;
    const auto old = world.make(false, "", 1s, TRIBUTARY_PLUGIN_OLD);
    REQUIRE_FALSE(old);
    CHECK(old.error().fault == Fault::bad_config);
    CHECK(old.error().what ==
          "it was built for ABI version 99, but this gateway has 1: build it with plugins/sdk of this version");
    CHECK(world.make(false, "", 1s, "/no/such/library.so").error().what == "the library is not there");
    world.parts.directory.write("text.so", "no library");
    const auto text = world.parts.directory.path() / "text.so";
    CHECK(world.make(false, "", 1s, text.c_str()).error().what.starts_with("it cannot be loaded"));
    ::chmod(text.c_str(), 0666);
    CHECK(world.make(false, "", 1s, text.c_str()).error().what.starts_with("everybody may write"));
    // In a process of its own the same is told at the first call.
    auto broken = world.make(true, "", 20s, TRIBUTARY_PLUGIN_OLD);
    REQUIRE(broken);
    const auto page = world.pull(**broken);
    REQUIRE_FALSE(page);
    CHECK(page.error().fault == Fault::bad_config);
    CHECK(page.error().what.find("ABI version 99") != std::string::npos);
}

TEST_CASE("errors and nonsense of a plug-in stay what they are", "[native]") {
    const bool process = GENERATE(false, true);
    NativeWorld world;
    auto refusing = world.connect(process, "refuse");
    CHECK(world.pull(*refusing).error().what == "the till has no such drawer");
    auto mad = world.connect(process, "nonsense");
    const auto page = world.pull(*mad);
    REQUIRE_FALSE(page);
    CHECK(page.error().fault == Fault::internal);
    CHECK(page.error().text().find("anna") == std::string::npos);
}

TEST_CASE("a refused credential is read anew for the next call", "[native]") {
    const bool process = GENERATE(false, true);
    NativeWorld world;
    world.parts.credentials["key"] = "stale";
    auto till = world.connect(process, "");
    CHECK(run::run_blocking(world.parts.loop, till->check()).error().fault == Fault::unauthorized);
    world.parts.credentials["key"] = "fresh";
    CHECK(run::run_blocking(world.parts.loop, till->check()));
}

TEST_CASE("a call past its limit fails, and the connection with it until the plug-in returns", "[native]") {
    NativeWorld world;
    auto slow = world.connect(false, "slow", 500ms);
    const auto late = world.pull(*slow);
    REQUIRE_FALSE(late);
    CHECK(late.error().fault == Fault::transient);
    CHECK(late.error().what.find("within 500 ms") != std::string::npos);
    CHECK(world.log.captured().find("plug-in call past its limit") != std::string::npos);
    // It asks whether it is late and returns: the connection goes on.
    for (int i = 0; i < 200 && !run::run_blocking(world.parts.loop, slow->check()); ++i) ::usleep(10000);
    CHECK(run::run_blocking(world.parts.loop, slow->check()));

    auto hanging = world.connect(false, "hang", 500ms);
    const auto outcomes = world.push(*hanging);
    CHECK(outcomes[0].ambiguous);
    const auto failed = world.pull(*hanging);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().what.find("the connection has failed") != std::string::npos);
    hanging.reset();  // leaves the thread to itself

    auto killed = world.connect(true, "hang", 3s);
    CHECK(world.pull(*killed).error().what.find("its process was killed") != std::string::npos);
}

TEST_CASE("a plug-in that dies takes nothing with it and is started again after a pause", "[native]") {
    NativeWorld world;
    FakeClock clock;
    run::FakeTimers fake(clock);
    world.timers = &fake;
    auto till = world.connect(true, "crash");
    REQUIRE(run::run_blocking(world.parts.loop, till->check()));
    const auto died = world.pull(*till);
    REQUIRE_FALSE(died);
    CHECK(died.error().fault == Fault::transient);
    CHECK(died.error().what == "the plug-in's process ended in 'pull' with signal 9");
    CHECK(died.error().retry_after == 1s);
    CHECK(run::run_blocking(world.parts.loop, till->check()).error().what.find("after a pause") != std::string::npos);
    clock.advance(2s);
    CHECK(run::run_blocking(world.parts.loop, till->check()));
    const auto outcomes = world.push(*till);
    CHECK(outcomes[0].ambiguous);
    CHECK(outcomes[0].result.error().fault == Fault::transient);
}

TEST_CASE("frames are put together however they arrive, and lies about their length end the reading", "[native]") {
    using native::Frame;
    native::FrameReader reader;
    const auto bytes = native::write_frame(Frame::Kind::answer, "{}") + native::write_frame(Frame::Kind::log, "1hi");
    std::vector<std::string> texts;
    for (const char byte : bytes) {
        reader.feed({&byte, 1});
        const auto frame = reader.next();
        REQUIRE(frame);
        if (*frame) texts.push_back((*frame)->text);
    }
    CHECK(texts == std::vector<std::string>{"{}", "1hi"});
    for (const std::string_view lie : {std::string_view("\xff\xff\xff\xff"
                                                        "a",
                                                        5),
                                       std::string_view("\0\0\0\0", 4), std::string_view("\0\0\0\1?", 5)}) {
        native::FrameReader liar;
        liar.feed(lie);
        CHECK_FALSE(liar.next());
    }
}
