// Runs tests/cases/identity/resolve.yaml: people, decisions by hand, and the clusters and cuts that must come out.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/value/json.hpp"
#include "tests/unit/identity/people.hpp"

using namespace tributary;
using namespace tributary::identity;

namespace {

void read_pairs(const spec::Yaml& test, const char* key, bool must_link, std::vector<ManualPair>& pairs) {
    if (const auto* list = test.find(key))
        for (const auto& pair : list->children())
            pairs.push_back({uid(static_cast<unsigned>(*pair.children()[0].integer())),
                             uid(static_cast<unsigned>(*pair.children()[1].integer())), must_link});
}

// "1 2: D3" for an edge, "1 2: D3 cannot_link" for a cut.
std::string shown(const Edge& edge, const std::string& reason = {}) {
    return fmt::format("{} {}: {}{}{}", number_of(edge.a), number_of(edge.b), edge.rule, reason.empty() ? "" : " ",
                       reason);
}

std::vector<std::string> texts(const spec::Yaml* list) {
    std::vector<std::string> all;
    if (list)
        for (const auto& item : list->children()) all.push_back(item.text());
    std::ranges::sort(all);
    return all;
}

}  // namespace

TEST_CASE("people become the clusters that the case file names", "[identity]") {
    spec::Problems problems;
    const auto cases = spec::read_yaml(TRIBUTARY_SOURCE_DIR "/tests/cases/identity/resolve.yaml", problems);
    INFO(problems.text());
    REQUIRE(problems.ok());
    for (const auto& test : cases->children()) {
        INFO(test.find("name")->text());
        const auto crowd = read_crowd(*test.find("people"));
        std::vector<ManualPair> pairs;
        read_pairs(test, "must_link", true, pairs);
        read_pairs(test, "cannot_link", false, pairs);
        std::vector<std::string> clusters, edges, cuts;
        for (const auto& cluster : resolve(crowd.people, pairs)) {
            std::vector<unsigned> ids;
            for (const auto& record : cluster.records) ids.push_back(number_of(record));
            CHECK(number_of(cluster.customer) == ids.front());
            clusters.push_back(fmt::format("{}", fmt::join(ids, " ")));
            for (const auto& edge : cluster.edges) edges.push_back(shown(edge));
            for (const auto& cut : cluster.cuts) cuts.push_back(shown(cut.edge, cut.reason));
            CHECK(value::parse_json(cluster.evidence_json())->root().size() ==
                  cluster.edges.size() + cluster.cuts.size());
        }
        for (auto* list : {&clusters, &edges, &cuts}) std::ranges::sort(*list);
        cuts.erase(std::ranges::unique(cuts).begin(), cuts.end());  // both ends list it
        CHECK(clusters == texts(test.find("clusters")));
        if (test.find("edges")) CHECK(edges == texts(test.find("edges")));
        CHECK(cuts == texts(test.find("cuts")));
    }
    CHECK(cases->size() >= 25);
}
