// Taps and targets that are shell scripts, as awkward as real ones are.
#include "connectors/data/singer/singer.hpp"

#include <thread>

#include "connectors/data/singer/singer_cursor.hpp"
#include "gateway/connector/singer/catalog.hpp"
#include "gateway/connector/singer/errors_seen.hpp"
#include "gateway/connector/singer/message.hpp"
#include "tests/contract/connector/any_engine.hpp"
#include "tests/unit/connectors/fixture.hpp"

using namespace tributary;
using namespace tributary::connector::singer;
using tributary::test::json;

namespace {

// Discovers two streams; writes six members in three batches with a state behind each, from the state on.
const std::string kTap = R"sh(#!/bin/sh
set -eu
config= catalog= state=
while [ $# -gt 0 ]; do case $1 in --discover) discover=1 ;; --config) config=$(cat $2); shift ;; --catalog) catalog=$(cat $2); shift ;;
    --state) state=$(cat $2); shift ;; esac; shift; done
echo "$config" >> config.seen
if [ -n "${discover:-}" ]; then
    echo '{"streams": [{"tap_stream_id": "members", "key_properties": ["id"], "schema": {}, "metadata": []},'
    echo ' {"tap_stream_id": "visits", "schema": {}}]}'
    exit 0
fi
echo "$state" >> state.seen
echo "$catalog" > catalog.seen
echo 'INFO starting for anna@example.com' >&2
echo '{"type": "SCHEMA", "stream": "members", "schema": {"properties": {}}, "key_properties": ["id"]}'
from=$(echo "$state" | tr -dc 0-9)
for n in 1 2 3 4 5 6; do
    [ $n -gt ${from:-0} ] || continue
    echo "{\"type\": \"RECORD\", \"stream\": \"members\", \"record\": {\"id\": $n}}"
    [ $((n % 2)) = 1 ] || echo "{\"type\": \"STATE\", \"value\": {\"at\": $n}}"
done
)sh";

// Keeps the records of a good run in out.ndjson; fails on a record with "bad" in it.
const std::string kTarget = R"sh(#!/bin/sh
set -eu
cat > in.$$
! grep -q '"bad"' in.$$ || { echo 'jsonschema.exceptions.ValidationError: secret value' >&2; exit 1; }
grep '"RECORD"' in.$$ >> out.ndjson || true
sed -n 's/.*"STATE","value":\(.*\)}$/\1/p' in.$$
rm in.$$
)sh";

struct SingerWorld {
    test::World parts;
    run::SystemTimers timers;

    void script(const std::string& name, const std::string& text) {
        parts.directory.write(name, text);
        std::filesystem::permissions(parts.directory.path() / name, std::filesystem::perms::owner_all);
    }
    std::unique_ptr<connector::Connector> connect(const std::string& settings) {
        auto setup = parts.setup(settings);
        auto made = connectors::make_singer(connector::Setup{.connection = "test",
                                                             .settings = std::move(setup.settings),
                                                             .credential = setup.credential,
                                                             .directory = setup.directory,
                                                             .http = parts.http,
                                                             .timers = timers,
                                                             .blocking = parts.pool,
                                                             .random = parts.random,
                                                             .log = log});
        if (!made) FAIL(made.error().text());
        return *std::move(made);
    }
    std::vector<std::string> keys(connector::Connector& connector, connector::Cursor& cursor, bool* last = nullptr) {
        auto page = test::pull(parts, connector, "members", cursor);
        std::vector<std::string> out;
        for (const auto& record : page.records) out.push_back(record.external_id);
        cursor = page.cursor;
        if (last) *last = page.last;
        return out;
    }
    Result<connector::Page> pull(connector::Connector& connector, const std::string& cursor = "") {
        return run::run_blocking(parts.loop, connector.source()->pull("members", {cursor}));
    }
    std::vector<connector::Sink::Outcome> push(connector::Connector& connector,
                                               const std::vector<std::string>& records) {
        std::vector<connector::Push> items;
        for (const auto& record : records)
            items.push_back({.idempotency_key = "k" + std::to_string(items.size()), .record = json(record)});
        return run::run_blocking(parts.loop, connector.sink()->push("upsert", std::move(items)));
    }
    Log log{LogLevel::debug, Log::Target::memory};
};

using Keys = std::vector<std::string>;
const std::string kReads = R"({"tap": {"command": ["./tap"], "config": {"url": "u"}, "secrets": ["token"]},
                               "streams": {"members": {"page": 4}}})";
const std::string kWrites = R"({"target": {"command": ["./target"]}, "actions": {"upsert":
                                {"stream": "members", "key": ["id"], "properties": {"id": {"type": "string"}}}}})";

}  // namespace

TEST_CASE("a tap is read in pages that end at its states, and goes on from its last one", "[singer]") {
    SingerWorld world;
    world.script("tap", kTap);
    world.parts.credentials["token"] = "t0k3n";
    auto tap = world.connect(kReads);
    REQUIRE(run::run_blocking(world.parts.loop, tap->check()));
    connector::Cursor cursor;
    bool last = false;
    CHECK(world.keys(*tap, cursor) == Keys{"1", "2"});
    CHECK(cursor.json == R"({"state":{"at":2},"since":0})");
    CHECK(world.keys(*tap, cursor) == Keys{"3", "4"});
    CHECK(world.keys(*tap, cursor) == Keys{"5", "6"});
    CHECK(world.keys(*tap, cursor, &last).empty());
    CHECK(last);
    // The next run is told the last state and finds nothing new.
    CHECK(world.keys(*tap, cursor, &last).empty());
    CHECK(world.parts.directory.read("state.seen") == "\n{\"at\":6}\n");
    CHECK(world.parts.directory.read("config.seen").starts_with("{\"url\":\"u\",\"token\":\"t0k3n\"}\n"));
    const auto catalog = json(world.parts.directory.read("catalog.seen"));
    CHECK(catalog.root().at_path("streams[0].metadata[0].metadata.selected").boolean());
    CHECK_FALSE(catalog.root().at_path("streams[1].metadata[0].metadata.selected").boolean());
    CHECK(world.log.captured().find("anna@example.com") == std::string::npos);
    CHECK(world.log.captured().find("t0k3n") == std::string::npos);
}

TEST_CASE("a tap and a target keep what any engine's connector keeps", "[singer][contract]") {
    SingerWorld world;
    world.script("tap", kTap);
    world.script("target", kTarget);
    world.parts.credentials["token"] = "t0k3n";
    auto tap = world.connect(kReads);
    CHECK(contract::read_to_the_end(world.parts.loop, *tap, "members") == Keys{"1", "2", "3", "4", "5", "6"});
    contract::refuse_unknown(world.parts.loop, *tap);
    auto target = world.connect(kWrites);
    std::vector<connector::Push> items;
    for (const auto* record : {R"({"id":"1"})", R"({"id":"bad"})", R"({"id":"3"})"})
        items.push_back({.idempotency_key = record, .record = json(record)});
    const auto outcomes = contract::push_all(world.parts.loop, *target, "upsert", std::move(items), {"t0k3n"});
    CHECK(outcomes[0].result);
    CHECK_FALSE(outcomes[1].result);
    CHECK(outcomes[2].result);
}

TEST_CASE("a cursor pulled again repeats records of a tap and skips none", "[singer]") {
    SingerWorld world;
    world.script("tap", kTap);
    world.parts.credentials["token"] = "t";
    auto tap = world.connect(R"({"tap": {"command": ["./tap"], "config": {}}, "streams": {"members": {"page": 3}}})");
    connector::Cursor first, again;
    CHECK(world.keys(*tap, first) == Keys{"1", "2"});
    const auto second = first;
    CHECK(world.keys(*tap, first) == Keys{"3", "4"});
    again = second;
    CHECK(world.keys(*tap, again) == Keys{"3", "4"});
    CHECK(again.json == first.json);
    // Another process, as after a crash.
    auto restarted = world.connect(R"({"tap": {"command": ["./tap"]}, "streams": {"members": {"page": 1}}})");
    again = second;
    CHECK(world.keys(*restarted, again) == Keys{"3"});
    CHECK(again.json == R"({"state":{"at":2},"since":1})");
    auto anew = world.connect(R"({"tap": {"command": ["./tap"]}, "streams": {"members": {"page": 1}}})");
    CHECK(world.keys(*anew, again) == Keys{"3"});
}

TEST_CASE("a tap's failures are told apart, without its words", "[singer]") {
    struct Case {
        std::string script, settings, what;
        Fault fault;
    };
    const auto settings = [](const std::string& more) {
        return R"({"tap": {"command": ["./tap"], "discover": false)" + more + R"(}, "streams": {"members": {}}})";
    };
    const std::vector<Case> cases = {
        {"echo 'requests.exceptions.HTTPError: 401 for anna@example.com' >&2; exit 1", settings(""),
         "exit code 1 (requests.exceptions.HTTPError)", Fault::transient},
        {"exit 2", settings(""), "exit code 2", Fault::bad_config},
        {"kill -9 $$", settings(""), "signal 9", Fault::transient},
        {"sleep 100", settings(R"(, "silent_for": "200ms")"), "was killed", Fault::transient},
        {"head -c 5000 /dev/zero | tr '\\0' x; echo", settings(R"(, "max_line": "1KB")"), "longer than max_line",
         Fault::bad_input},
        {"echo '{\"type\":\"BATCH\",\"stream\":\"members\"}'", settings(""), "BATCH", Fault::bad_config},
        {"echo '{\"type\":\"RECORD\",\"stream\":\"members\",\"record\":{\"id\":1}}'", settings(""), "key_properties",
         Fault::bad_config},
    };
    for (const auto& one : cases) {
        INFO(one.script);
        SingerWorld world;
        world.script("tap", "#!/bin/sh\n" + one.script + "\n");
        auto tap = world.connect(one.settings);
        const auto page = world.pull(*tap);
        REQUIRE_FALSE(page);
        INFO(page.error().text());
        CHECK(page.error().fault == one.fault);
        CHECK(page.error().text().find(one.what) != std::string::npos);
        CHECK(page.error().text().find("anna") == std::string::npos);
    }
}

TEST_CASE("lines that are no message are quarantined, one by one", "[singer]") {
    SingerWorld world;
    world.script("tap", R"sh(#!/bin/sh
echo 'Connecting...'
echo '{"type":"SCHEMA","stream":"members","schema":{},"key_properties":["id"]}'
echo '{"type":"RECORD","stream":"members","record":{"id":1,"_sdc_deleted_at":"2026-01-01"}}'
echo '{"type":"RECORD","stream":"members","record":{"name":"no key"}}'
echo '{"type":"ACTIVATE_VERSION","stream":"members","version":1}'
printf '{"type":"RECORD","stream":"members","record":{"id":2}}'
)sh");
    auto tap = world.connect(R"({"tap": {"command": ["./tap"], "discover": false}, "streams": {"members": {}}})");
    const auto page = world.pull(*tap);
    REQUIRE(page);
    CHECK(page->last);
    REQUIRE(page->records.size() == 2);
    CHECK(page->records[0].deleted);
    CHECK(page->records[1].external_id == "2");
    REQUIRE(page->broken.size() == 2);
    CHECK(page->broken[0].raw == "Connecting...");
    CHECK(page->broken[1].error.what.find("key field id") != std::string::npos);
    CHECK(world.pull(*tap, "{}").error().fault == Fault::bad_config);
}

TEST_CASE("a target gives its receipts when it printed the state", "[singer]") {
    SingerWorld world;
    world.script("target", kTarget);
    auto target = world.connect(kWrites);
    REQUIRE(run::run_blocking(world.parts.loop, target->check()));
    CHECK(target->sink()->idempotency("upsert") == connector::Idempotency::natural_key);
    for (const auto& outcome : world.push(*target, {R"({"id":"1"})", R"({"id":"2"})"})) CHECK(outcome.result);
    const auto out = world.parts.directory.read("out.ndjson");
    CHECK(out.find(R"("record":{"id":"1"})") != std::string::npos);
    CHECK(std::ranges::count(out, '\n') == 2);
}

TEST_CASE("one record that a target chokes on does not hold back the others", "[singer]") {
    SingerWorld world;
    world.script("target", kTarget);
    auto target = world.connect(kWrites);
    const auto outcomes = world.push(*target, {R"({"id":"1"})", R"({"id":"bad"})", R"({"id":"3"})"});
    REQUIRE(outcomes.size() == 3);
    CHECK(outcomes[0].result);
    REQUIRE_FALSE(outcomes[1].result);
    CHECK(outcomes[1].result.error().fault == Fault::bad_input);
    CHECK(outcomes[1].result.error().text().find("secret value") == std::string::npos);
    CHECK(outcomes[2].result);
}

TEST_CASE("a target without a receipt leaves the push ambiguous", "[singer]") {
    SingerWorld world;
    world.script("target", "#!/bin/sh\ncat > /dev/null\n");
    auto target = world.connect(kWrites);
    const auto outcomes = world.push(*target, {R"({"id":"1"})"});
    REQUIRE_FALSE(outcomes[0].result);
    CHECK(outcomes[0].ambiguous);
    CHECK(outcomes[0].result.error().fault == Fault::transient);
    world.script("target", "#!/bin/sh\nexit 1\n");
    const auto down = world.push(*target, {R"({"id":"1"})", R"({"id":"2"})"});
    CHECK(down[0].ambiguous);
    CHECK(down[1].result.error().fault == Fault::transient);
    const connector::Push item{.idempotency_key = "k", .record = json("{}")};
    CHECK_FALSE(run::run_blocking(world.parts.loop, target->sink()->look_up("upsert", item)));
}

TEST_CASE("settings of a singer connection are checked whole", "[singer]") {
    test::World world;
    const auto wrong = connectors::make_singer(
        world.setup(R"({"tap": {"command": [], "confg": {}, "config": {"a": 1}, "secrets": ["a"]},
                        "actions": {"upsert": {"key": ["id"], "properties": {"x": {}}}}})"));
    REQUIRE_FALSE(wrong);
    for (const auto* part : {"command is missing", "confg is not known, config is", "a stands in config and in secrets",
                             "a tap needs streams", "a target needs actions", "the key id is not in properties"}) {
        INFO(wrong.error().what);
        CHECK(wrong.error().what.find(part) != std::string::npos);
    }
}

TEST_CASE("a catalog selects one stream and keeps what it does not know", "[singer]") {
    const auto catalog = Catalog::parse(R"({"streams": [
        {"stream": "old", "schema": {"x": 1}, "metadata": [{"breadcrumb": [], "metadata": {"selected": true, "table-key-properties": ["a", "b"]}},
                                                           {"breadcrumb": ["properties", "a"], "metadata": {"inclusion": "available"}}]},
        {"tap_stream_id": "new", "replication_method": "FULL_TABLE"}]})");
    REQUIRE(catalog);
    CHECK(catalog->streams() == Keys{"old", "new"});
    CHECK(catalog->keys("old") == Keys{"a", "b"});
    const auto selected = json(catalog->selecting({"new", "INCREMENTAL", "at"}).value());
    CHECK_FALSE(selected.root().at_path("streams[0].metadata[0].metadata.selected").boolean());
    CHECK(selected.root().at_path("streams[0].metadata[1].metadata.inclusion").text() == "available");
    CHECK(selected.root().at_path("streams[1].replication_method").text() == "INCREMENTAL");
    CHECK(selected.root().at_path("streams[1].metadata[0].metadata.replication-key").text() == "at");
    CHECK(catalog->selecting({"nwe", "", ""}).error().what == "the tap has no stream nwe; did you mean new?");
    CHECK_FALSE(Catalog::parse("[]"));
    CHECK_FALSE(Catalog::parse(R"({"streams": [{}]})"));
}

TEST_CASE("of an error line only the exception's class is kept", "[singer]") {
    CHECK(exception_in("requests.exceptions.HTTPError: 401 for anna@example.com") == "requests.exceptions.HTTPError");
    CHECK(exception_in("KeyError") == "KeyError");
    CHECK(exception_in("anna@example.com had an Error") == "");
    CHECK(exception_in("Anna Berg Error: x") == "");
    CHECK(exception_in("") == "");
    ErrorsSeen seen;
    seen.feed("CRITICAL cannot reach anna\nWARNING slow\nValueErr");
    seen.feed("or: 'Anna'\n");
    CHECK(seen.lines() == 3);
    CHECK(seen.errors() == 1);
    CHECK(seen.warnings() == 1);
    CHECK(seen.text() == " (ValueError)");
}

TEST_CASE("composite keys are joined, cursors read back", "[singer]") {
    value::JsonParser parser;
    const auto message =
        parse_message(R"({"type":"RECORD","stream":"s","record":{"a":1,"b":"x"}})", {"a", "b"}, parser);
    REQUIRE(message);
    CHECK(message->key == "1|x");
    using connectors::singer::SingerCursor;
    const SingerCursor cursor{R"({"a":[1]})", 7};
    CHECK(SingerCursor::read(cursor.write()).value().state == cursor.state);
    CHECK(SingerCursor::read(cursor.write()).value().since == 7);
    CHECK(SingerCursor::read("").value().state.empty());
    CHECK_FALSE(SingerCursor::read("{\"since\":-1}"));
}
