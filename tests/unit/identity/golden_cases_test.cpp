// Runs tests/cases/identity/golden.yaml: people of one customer, survivorship rules, and the view that must come out.
#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/identity/golden.hpp"
#include "gateway/record/classes.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/spec/schema.hpp"
#include "gateway/value/json.hpp"
#include "tests/unit/identity/people.hpp"

using namespace tributary;
using namespace tributary::identity;

namespace {

// Uids as the numbers of the case file.
void write_numbers(value::Node node, value::Builder& out) {
    if (node.is(value::Kind::text)) {
        out.integer(number_of(Uid::parse(node.text()).value()));
    } else if (node.is(value::Kind::array)) {
        out.begin_array();
        for (const auto item : node) write_numbers(item, out);
        out.end();
    } else {
        out.begin_object();
        for (const auto member : node) {
            out.key(member.key());
            write_numbers(member, out);
        }
        out.end();
    }
}

bool same(value::Node a, value::Node b) {
    return record::canonical_hash(a) == record::canonical_hash(b);
}

}  // namespace

TEST_CASE("golden views are those that the case file names", "[golden]") {
    spec::Problems problems;
    const auto cases = spec::read_yaml(TRIBUTARY_SOURCE_DIR "/tests/cases/identity/golden.yaml", problems);
    REQUIRE(problems.ok());
    for (const auto& test : cases->children()) {
        INFO(test.find("name")->text());
        auto crowd = read_crowd(*test.find("people"));
        const auto rules = test.find("rules") ? parse_survivorship(*test.find("rules"), problems) : Survivorship();
        INFO(problems.text());
        REQUIRE(problems.ok());
        std::string first;
        std::ranges::sort(crowd.people, {}, &Person::record);
        do {  // every order
            const auto view = golden(crowd.people, rules);
            const auto json = value::to_json(view.contact.root());
            if (first.empty()) {
                first = json;
                INFO(json);
                CHECK(same(view.contact.root(), spec::to_document(*test.find("golden")).root()));
                if (const auto* origin = test.find("provenance")) {
                    value::Builder numbers;
                    write_numbers(view.provenance.root(), numbers);
                    const auto written = numbers.take();
                    INFO(value::to_json(written.root()));
                    CHECK(same(written.root(), spec::to_document(*origin).root()));
                }
            }
            REQUIRE(json == first);
        } while (std::next_permutation(crowd.people.begin(), crowd.people.end(),
                                       [](const Person& a, const Person& b) { return a.record < b.record; }));
    }
    CHECK(cases->size() >= 14);
}

TEST_CASE("a customer whose records are all deleted has an empty view", "[golden]") {
    Crowd crowd;
    crowd.add(1, "erp", "1", R"({"name":{"full":"Ada"}})");
    crowd.people[0].deleted = true;
    CHECK(golden(crowd.people, {}).contact.empty());
    CHECK(golden({}, {}).contact.empty());
}

TEST_CASE("the example of the reference is right", "[golden]") {
    spec::Problems problems;
    spec::check_examples(spec::type_of<Survivorship>().shape(), problems);
    INFO(problems.text());
    CHECK(problems.ok());
}

TEST_CASE("mistakes in survivorship rules are named", "[golden]") {
    struct Case {
        std::string yaml, message;
    };
    const Case cases[] = {
        {"sorces: [erp]", "sources"},
        {"fallback: [newest]", "most_recent"},
        {"fallback: [all]", "belong to single fields, not"},
        {"fields: {status: precedence}", "needs the list precedence"},
        {"fields: {emails: [verified, all]}", "stand first"},
        {"fields: {status: {by: precedence}}", "needs the list precedence"},
        {"fields: {status: {by: verified, precedence: [a]}}", "precedence needs the strategy"},
        {"fields: {emails: {by: [verified, all]}}", "stand first"},
        {"fields: {emails: {by: verified, same: [norm]}}", "same belongs to the strategy all"},
    };
    for (const auto& each : cases) {
        INFO(each.yaml);
        spec::Problems problems;
        const auto yaml = spec::parse_yaml(each.yaml, "s.yaml", problems);
        std::ignore = parse_survivorship(*yaml, problems);
        CHECK_FALSE(problems.ok());
        CHECK_THAT(problems.text(), Catch::Contains(each.message) && Catch::Contains("s.yaml:1"));
    }
}
