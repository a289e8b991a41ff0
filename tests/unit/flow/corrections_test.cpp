// What people had put right stays right, until the source says so itself.
#include "gateway/flow/corrections.hpp"
#include "gateway/base/text.hpp"
#include "gateway/flow/correction.hpp"
#include "gateway/flow/stored_basis.hpp"
#include "gateway/spec/load.hpp"
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
    auto done = f.correct(R"({"name.full":"Anne Leigh","emails[address=old@example.com]":"Anne@Example.com"})");
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
    f.tell("1", "Anne Smith", "newer@example.com");
    CHECK(f.email() == "newer@example.com");
    CHECK(entries(f, "correction.end").size() == 1);
    for (const auto& entry : entries(f, "correction.end")) CHECK(entry.find("Anne") == std::string::npos);

    // A process that begins anew knows of what was corrected before.
    REQUIRE(f.correct(R"({"name.full":"Anne Lee"})"));
    f.process = std::make_unique<Process>(*f.world);
    f.tell("1", "Ann L.", "newer@example.com");
    CHECK(f.name() == "Anne Lee");
}

namespace {

struct RightsCase {
    std::string name;
    std::vector<std::string> steps;
};
struct RightsCases {
    std::vector<RightsCase> cases;
};
const spec::Type<RightsCase>& describe(spec::Tag<RightsCase>) {
    static const auto type = spec::Object<RightsCase>("case")
                                 .field("name", &RightsCase::name, {})
                                 .field("steps", &RightsCase::steps, {})
                                 .type();
    return type;
}
const spec::Type<RightsCases>& describe(spec::Tag<RightsCases>) {
    static const auto type = spec::Object<RightsCases>("cases").field("cases", &RightsCases::cases, {}).type();
    return type;
}

constexpr const char* kListing = R"(
mapping: test/listing
to: contact
fields:
  name.full: name
  emails: { each: mails, item: _item }
  phones: { each: phones, item: _item }
  addresses: { each: homes, fields: { city: city, postal_code: zip, country: land, lines: { each: lines, item: _item } } }
  updated_at: { from: at, as: timestamp, format: rfc3339 }
)";

class RightsFixture : public CorrectionFixture {
  public:
    RightsFixture() {
        for (const auto* connection : {"shop", "erp"})
            world->connections.at(connection).streams.at("people").plan = plan(kListing);
    }
    void tell(const std::string& connection, std::string_view members) {
        clock.advance(1s);
        take(connection, "1",
             R"({"id":"1","name":"Ann Lee","at":")" + record::timestamp_text(clock.now()) + R"(",)" +
                 std::string(members.substr(1)));
    }
    // What the golden view holds of a list, each element as one text.
    static std::vector<std::string> listed(value::Node list) {
        std::vector<std::string> all;
        for (const auto one : list) {
            std::vector<std::string> members;
            for (const auto member : one) members.push_back(std::string(member.key()) + "=" + value::to_json(member));
            std::ranges::sort(members);
            auto text = join(members, ", ");
            for (const auto* part : {"raw", "e164", "norm"})
                if (one.find(part)) text = one.find(part).text();
            all.push_back(one.is(value::Kind::text) ? std::string(one.text()) : text);
        }
        std::ranges::sort(all);
        return all;
    }
    void check(std::string_view members) {
        const auto wanted = value::parse_json(members);
        REQUIRE(wanted);
        const std::array customer{uid("shop", "1")};
        const auto resolved =
            read<std::vector<Uid>>([&](store::ReadSession& session) { return session.identity().resolve(customer); });
        const auto whole = load_customer(*world, resolved.front());
        INFO((whole ? value::to_json(whole->golden.root()) : whole.error().text()));
        REQUIRE(whole);
        for (const auto member : wanted->root())
            CHECK(listed(whole->golden.root().find(member.key())) == listed(member));
    }
    void step(const std::string& text) {
        INFO(text);
        const auto verb = text.substr(0, text.find(' '));
        const auto rest = text.substr(verb.size() + 1);
        if (verb == "shop" || verb == "erp") return tell(verb, rest);
        if (verb == "golden") return check(rest);
        const auto done = correct(rest);
        INFO((done ? "" : done.error().text()));
        REQUIRE(done.has_value() == (verb == "correct"));
        if (done) return;
        CHECK(done.error().fault == Fault::bad_input);
        CHECK_FALSE(done.error().text().contains("canary"));
        CHECK_FALSE(done.error().text().contains("x.example"));
    }
};

}  // namespace

TEST_CASE("an element of a list is put right by what it is", "[subject][req24]") {
    spec::Problems problems;
    const auto cases =
        spec::load<RightsCases>(TRIBUTARY_SOURCE_DIR "/tests/cases/subject_request/corrections.yaml", problems);
    INFO(problems.text());
    REQUIRE(cases);
    for (const auto& one : cases->cases) {
        INFO(one.name);
        RightsFixture f;
        for (const auto& step : one.steps) f.step(step);
    }
}

TEST_CASE("a correction that was kept by position is still laid over what comes", "[subject]") {
    const auto kept =
        value::parse_json(R"({"emails[1]":{"address":"new@x.example","norm":"new@x.example"},"name.full":"Anne"})");
    const auto all = corrections_from(kept->root());
    REQUIRE(all.size() == 2);
    CHECK(value::to_json(to_document(all).root()) == value::to_json(kept->root()));
    const auto record = value::parse_json(
        R"({"emails":[{"address":"a@x.example","norm":"a@x.example"},{"address":"old@x.example","norm":"old@x.example"}]})");
    CHECK_FALSE(is_carried(record->root(), all[0]));
    const auto laid = lay(record->root(), all[0]);
    REQUIRE(laid);
    CHECK(laid->root().at_path("emails[1].norm").text() == "new@x.example");
    CHECK(is_carried(laid->root(), all[0]));
    CHECK_FALSE(lay(value::parse_json(R"({"emails":[]})")->root(), all[0]));  // the list is shorter now
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
    for (auto bad : {R"({"nme.full":"canary"})", R"({"emails":"canary@example.com"})", R"({"name":"canary"})",
                     R"({"updated_at":{"canary":1}})", R"({})", R"(["canary"])"}) {
        INFO(bad);
        const auto done = f.correct(bad);
        REQUIRE_FALSE(done);
        CHECK(done.error().fault == Fault::bad_input);
        CHECK(done.error().text().find("canary") == std::string::npos);
    }
    CHECK(f.name() == "Ann Lee");
    REQUIRE(f.correct(R"({"emails[address=ann@example.com]":null})"));
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
