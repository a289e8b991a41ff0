#include <catch2/catch.hpp>

#include "gateway/app/peers.hpp"
#include "gateway/base/text.hpp"
#include "tests/unit/run/case_file.hpp"

using namespace tributary;
using namespace tributary::app;

namespace {

Timestamp second(std::string_view text) {
    return Timestamp(std::chrono::seconds(to_integer(text).value()));
}

std::vector<store::Node> nodes_of(std::string_view text) {
    std::vector<store::Node> nodes;
    for (const auto piece : split(text, ';')) {
        const auto fields = split(trim(piece), ':');
        store::Node node;
        node.id = node.name = fields.at(0);
        node.until = second(fields.at(1));
        node.answered = static_cast<std::uint64_t>(to_integer(fields.at(2)).value());
        if (fields.size() > 3) node.refusal = fields[3];
        nodes.push_back(std::move(node));
    }
    return nodes;
}

spec::Yaml yaml_of(const char* text) {
    spec::Problems problems;
    return spec::parse_yaml(text, "gateway.yaml", problems).value();
}

}  // namespace

TEST_CASE("a change of configuration is decided by what the gateways say", "[app]") {
    const char* const words[] = {"open", "taken up", "given up"};
    for (const auto& line : test::read_cases("app/configuration_change.txt", 4)) {
        INFO(line.place);
        const store::ConfigurationChange change{.number = 7, .generation = "g", .until = second("60")};
        const auto verdict = judge(change, nodes_of(line.columns[0]), second(line.columns[1]));
        CHECK(words[static_cast<int>(verdict.state)] == line.columns[2]);
        CHECK(trim(verdict.reason) == line.columns[3]);
    }
}

TEST_CASE("sections of a configuration are alike however they are written", "[app]") {
    const auto parts = section_parts(yaml_of("a: { x: 1, y: [1, 2] }\nb: text\n"));
    CHECK(parts == section_parts(yaml_of("# a comment\nb: text\na:\n  y: [ 1, 2 ]\n  x: 1\n")));
    CHECK(differences(parts, section_parts(yaml_of("a: { x: 1, y: [2, 1] }\nb: text\n"))) ==
          std::vector<std::string>{"a"});
    // Text is not a number, and what stands together is not what stands apart.
    CHECK(differences(parts, section_parts(yaml_of("a: { x: '1', y: [12] }\nc: text\n"))) ==
          std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("parts travel as text", "[app]") {
    const Parts parts{{"mapping shop/order", "ab12"}, {"section deliveries", "00"}};
    CHECK(parts_of(parts_text(parts)).value() == parts);
    CHECK(digest_of(parts).size() == 16);
    CHECK(digest_of(parts) != digest_of({}));
    CHECK_FALSE(parts_of("{"));
}
