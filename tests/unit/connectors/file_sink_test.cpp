#include <fmt/format.h>
#include <sys/resource.h>
#include <catch2/catch.hpp>

#include <csignal>

#include "connectors/data/file/file.hpp"
#include "connectors/data/file/journal.hpp"
#include "tests/contract/connector/any_engine.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using connectors::file::FileHandle;
using connectors::file::Journal;

namespace {

constexpr auto* kNdjson = R"({"actions":{"put":{"path":"out.ndjson"}}})";

std::unique_ptr<connector::Connector> make(test::World& world, std::string_view settings) {
    auto made = connectors::make_file(world.setup(settings));
    if (!made) FAIL(made.error().text());
    return std::move(*made);
}

connector::Push item(std::string key, std::string_view record, bool deleted = false) {
    return {
        .idempotency_key = std::move(key), .record = test::json(record), .remote_id = std::nullopt, .deleted = deleted};
}

// "new", "known" or the error of each.
std::string push(test::World& world, connector::Connector& connector, std::vector<connector::Push> items) {
    std::string out;
    for (const auto& outcome : run::run_blocking(world.loop, connector.sink()->push("put", std::move(items)))) {
        out += !outcome.result ? outcome.result.error().text() : outcome.result->already_applied ? "known" : "new";
        out += '\n';
    }
    return out;
}

template <class... Items>
std::string push(test::World& world, connector::Connector& connector, Items... items) {
    std::vector<connector::Push> list;
    (list.push_back(std::move(items)), ...);
    return push(world, connector, std::move(list));
}

}  // namespace

TEST_CASE("records are appended as lines, and a resend is recognised", "[file]") {
    test::World world;
    {
        auto connector = make(world, kNdjson);
        CHECK(push(world, *connector, item("k1", R"({"a":1.50})"), item("k2", R"({"b":"x\ny"})"),
                   item("k1", R"({"a":2})")) == "new\nnew\nknown\n");
        CHECK(push(world, *connector, item("k2", "{}"), item("k3", R"({"c":1})", true), item("k4", "[1]")) ==
              "known\nnew\nthe record must be an object\n");
    }
    auto connector = make(world, kNdjson);
    CHECK(push(world, *connector, item("k3", "{}"), item("k5", R"({"d":1})")) == "known\nnew\n");
    CHECK(world.directory.read("out.ndjson") ==
          "{\"a\":1.50}\n{\"b\":\"x\\ny\"}\n{\"_deleted\":true,\"c\":1}\n{\"d\":1}\n");
    const auto known = run::run_blocking(world.loop, connector->sink()->look_up("put", item("k5", "{}")));
    REQUIRE(known);
    CHECK(known->has_value());
    const auto unknown = run::run_blocking(world.loop, connector->sink()->look_up("put", item("k6", "{}")));
    REQUIRE(unknown);
    CHECK(!unknown->has_value());
}

TEST_CASE("CSV gets its header once and refuses members that are no column", "[file]") {
    test::World world;
    const auto* const settings =
        R"({"actions":{"put":{"path":"out.csv","format":"csv","columns":["id","name"],"escape_formulas":true}}})";
    for (int run = 0; run < 2; ++run) {
        auto connector = make(world, settings);
        CHECK(push(world, *connector, item(fmt::format("k{}", run), R"({"name":"=x","id":1})")) == "new\n");
        CHECK(push(world, *connector, item("bad", R"({"nam":"y"})")) == "the file has no column nam, but name\n");
    }
    CHECK(world.directory.read("out.csv") == "id,name\r\n1,'=x\r\n1,'=x\r\n");
}

TEST_CASE("after a crash at any byte each record stands in the file exactly once", "[file]") {
    const std::string first = "{\"n\":1}\n", second = "{\"n\":2}\n{\"n\":3}\n";
    for (std::size_t written = 0; written <= second.size(); ++written) {
        for (const bool damaged : {false, true}) {
            if (damaged && written == 0) continue;
            test::World world;
            {
                auto connector = make(world, kNdjson);
                REQUIRE(push(world, *connector, item("k1", R"({"n":1})")) == "new\n");
            }
            {
                // The crash: an intent, and as many of its bytes as reached the disk.
                auto file = FileHandle::open_append(world.directory.path() / "out.ndjson");
                REQUIRE(file);
                auto journal = Journal::open(world.directory.path() / "out.ndjson", *file);
                REQUIRE(journal);
                REQUIRE(journal->intent({"k2", "k3"}, first.size(), second));
                auto bytes = second.substr(0, written);
                if (damaged) bytes.back() = '\0';
                REQUIRE(file->append(bytes));
            }
            auto connector = make(world, kNdjson);
            const bool whole = written == second.size() && !damaged;
            CHECK(push(world, *connector, item("k2", R"({"n":2})"), item("k3", R"({"n":3})")) ==
                  (whole ? "known\nknown\n" : "new\nnew\n"));
            CHECK(world.directory.read("out.ndjson") == first + second);
        }
    }
}

TEST_CASE("a journal cut off in its last line forgets that line alone", "[file]") {
    test::World world;
    REQUIRE(push(world, *make(world, kNdjson), item("k1", R"({"n":1})")) == "new\n");
    auto journal = world.directory.read("out.ndjson.journal");
    for (const auto* tail : {"i", "intent 8 8", "intent 8 8 00112233445566778899aabbccddeeff 01234567"}) {
        world.directory.write("out.ndjson.journal", journal + tail);
        auto connector = make(world, kNdjson);
        CHECK(push(world, *connector, item("k1", "{}")) == "known\n");
    }
    CHECK(world.directory.read("out.ndjson") == "{\"n\":1}\n");
}

TEST_CASE("a full disk loses nothing: what was written in part is taken back", "[file]") {
    test::World world;
    auto connector = make(world, kNdjson);
    REQUIRE(push(world, *connector, item("k1", R"({"n":1})")) == "new\n");
    // A limit on file size stands for the full disk.
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit tight{1000, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const auto big = fmt::format(R"({{"n":"{}"}})", std::string(2000, 'x'));
    const auto told = push(world, *connector, item("k2", big));
    REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, ignored);
    CHECK(told.find("File too large") != std::string::npos);
    CHECK(world.directory.read("out.ndjson") == "{\"n\":1}\n");
    CHECK(push(world, *connector, item("k2", big), item("k1", "{}")) == "new\nknown\n");
    CHECK(world.directory.read("out.ndjson") == "{\"n\":1}\n" + big + "\n");
}

TEST_CASE("a second writer of the same file is refused", "[file]") {
    test::World world;
    auto first = make(world, kNdjson), second = make(world, kNdjson);
    CHECK(push(world, *first, item("k1", "{}")) == "new\n");
    CHECK(push(world, *second, item("k2", "{}")).ends_with("is held by another writer\n"));
    first.reset();
    CHECK(push(world, *second, item("k1", "{}"), item("k2", "{}")) == "known\nnew\n");
}

TEST_CASE("what waited too long is not appended", "[file]") {
    test::World world;
    auto connector = make(world, kNdjson);
    contract::refuse_late(world.loop, *connector, "put", {item("k1", "{}"), item("k2", "{}")});
    CHECK(world.directory.read("out.ndjson").empty());
    CHECK(push(world, *connector, item("k1", "{}")) == "new\n");
}
