// What people had put right stays right, until the source says so itself.
#include "gateway/flow/corrections.hpp"
#include "gateway/flow/stored_basis.hpp"
#include "gateway/value/replace_at.hpp"
#include "tests/unit/flow/enforcement.hpp"

using namespace tributary;
using namespace tributary::flow;
using namespace std::chrono_literals;

namespace {

class CorrectionFixture : public WorldFixture {
  public:
    BatchResult tell(const std::string& id, const std::string& name, const std::string& email) {
        clock.advance(1s);
        return take("shop", id,
                    R"({"id":")" + id + R"(","name":")" + name + R"(","email":")" + email + R"(","at":")" +
                        record::timestamp_text(clock.now()) + R"("})");
    }
    Result<BatchResult> correct(const std::string& fields) {
        const auto document = value::parse_json(fields);
        REQUIRE(document);
        const std::array customers{uid("shop", "1")};
        return process->correct(customers, document->root());
    }
    std::string name() { return std::string(golden_of(*this, "1").root().at_path("name.full").text()); }
    std::string email() { return std::string(golden_of(*this, "1").root().at_path("emails[0].norm").text()); }
};

}  // namespace

TEST_CASE("a correction reaches the destinations and is not overwritten until the source carries it",
          "[subject][req24]") {
    CorrectionFixture f;
    f.deliver("crm", "service.order");
    f.tell("1", "Ann Lee", "old@example.com");
    f.round("crm");
    auto done = f.correct(R"({"name.full":"Anne Leigh","emails[0]":"Anne@Example.com"})");
    INFO((done ? "" : done.error().text()));
    REQUIRE(done);
    CHECK(done->changed == 1);
    CHECK(done->enqueued == 1);
    f.round("crm");
    REQUIRE(f.connectors["crm"]->pushed.size() == 2);
    CHECK(f.connectors["crm"]->pushed[1].json.find("Anne Leigh") != std::string::npos);

    f.tell("1", "Ann Lee", "old@example.com");  // the source still says the old
    CHECK(f.name() == "Anne Leigh");
    CHECK(f.email() == "anne@example.com");
    f.tell("1", "Anne Leigh", "old@example.com");  // one of them is right over there now
    f.tell("1", "Anne Smith", "old@example.com");  // ... and may change again
    CHECK(f.name() == "Anne Smith");
    CHECK(f.email() == "anne@example.com");
    f.tell("1", "Anne Smith", "anne@example.com");
    f.tell("1", "Anne Smith", "newer@example.com");
    CHECK(f.email() == "newer@example.com");
    CHECK(entries(f, "correction.end").size() == 2);
    for (const auto& entry : entries(f, "correction.end")) CHECK(entry.find("Anne") == std::string::npos);

    // A process that begins anew knows of what was corrected before.
    REQUIRE(f.correct(R"({"name.full":"Anne Lee"})"));
    f.process = std::make_unique<Process>(*f.world);
    f.tell("1", "Ann L.", "newer@example.com");
    CHECK(f.name() == "Anne Lee");
}

TEST_CASE("what one gateway corrected stays right at another that has seen records before", "[subject]") {
    CorrectionFixture f;
    f.store->others = true;
    f.tell("1", "Ann Lee", "ann@example.com");
    auto other = std::make_unique<Process>(*f.world);
    std::swap(f.process, other);
    f.tell("2", "Bob Ray", "bob@example.com");  // here nothing is corrected yet
    std::swap(f.process, other);
    REQUIRE(f.correct(R"({"name.full":"Anne Leigh"})"));
    std::swap(f.process, other);
    f.tell("1", "Ann Lee", "ann.lee@example.com");
    CHECK(f.name() == "Anne Leigh");
    std::swap(f.process, other);
}

TEST_CASE("a correction that does not fit is refused without its value, and a null takes a value out", "[subject]") {
    CorrectionFixture f;
    f.tell("1", "Ann Lee", "ann@example.com");
    for (auto bad : {R"({"nme.full":"canary"})", R"({"emails":"canary@example.com"})", R"({"emails[0]":"canary"})",
                     R"({"name":"canary"})", R"({"emails[7]":"canary@example.com"})", R"({"updated_at":{"canary":1}})",
                     R"({})", R"(["canary"])"}) {
        INFO(bad);
        const auto done = f.correct(bad);
        REQUIRE_FALSE(done);
        CHECK(done.error().fault == Fault::bad_input);
        CHECK(done.error().text().find("canary") == std::string::npos);
    }
    CHECK(f.name() == "Ann Lee");
    REQUIRE(f.correct(R"({"emails[0]":null})"));
    CHECK(f.email().empty());
    CHECK(f.name() == "Ann Lee");
}

TEST_CASE("what nobody may keep any more takes its corrections along", "[subject]") {
    CorrectionFixture f;
    f.tell("1", "Ann Lee", "ann@example.com");
    REQUIRE(f.correct(R"({"name.full":"Anne Leigh"})"));
    keep_for(f, {"survey.feedback"});
    const auto swept = sweep_stored_basis(*f.world, *f.process, false);
    REQUIRE(swept);
    CHECK(golden_of(f, "1").empty());
    const auto rows = f.read<std::vector<store::RecordRow>>(
        [](store::ReadSession& session) { return session.records().list("correction", 0, 10); });
    REQUIRE(rows.size() == 1);
    CHECK(rows.front().header.deleted);
    keep_for(f, {"service.order"});
    f.tell("1", "Ann Lee", "ann@example.com");
    CHECK(f.name() == "Ann Lee");
}

TEST_CASE("a value is replaced in a document by its path", "[value]") {
    const auto before = value::parse_json(R"({"a":{"b":1},"l":[{"x":1},{"x":2}]})");
    const auto put = [&](const char* path, const char* json) -> std::string {
        const auto with = value::parse_json(json);
        const auto after = value::replace_at(before->root(), path, with->root().find("v"));
        return after ? value::to_json(after->root()) : "error";
    };
    CHECK(put("a.b", R"({"v":2})") == R"({"a":{"b":2},"l":[{"x":1},{"x":2}]})");
    CHECK(put("a.c.d", R"({"v":"new"})") == R"({"a":{"b":1,"c":{"d":"new"}},"l":[{"x":1},{"x":2}]})");
    CHECK(put("l[1].x", R"({"v":9})") == R"({"a":{"b":1},"l":[{"x":1},{"x":9}]})");
    CHECK(put("l[2]", R"({"v":{"x":3}})") == R"({"a":{"b":1},"l":[{"x":1},{"x":2},{"x":3}]})");
    CHECK(put("l[0]", R"({"v":null})") == R"({"a":{"b":1},"l":[{"x":2}]})");
    CHECK(put("a", R"({})") == R"({"l":[{"x":1},{"x":2}]})");
    for (auto bad : {"l.x", "a[0]", "l[3]", "l[", "l[x]", ".", "a.b.c"}) CHECK(put(bad, R"({"v":1})") == "error");
}
