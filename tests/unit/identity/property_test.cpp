// Properties over random crowds: the order of records never matters, and what is unlinked is as it was.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "gateway/identity/golden.hpp"
#include "gateway/value/json.hpp"
#include "tests/unit/identity/people.hpp"

using namespace tributary;
using namespace tributary::identity;

namespace {

constexpr unsigned kSeed = 20260105;

// Few values over many records, so that keys collide, names differ and ids contradict.
Crowd random_crowd(std::mt19937& random, unsigned size) {
    auto pick = [&](unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random); };
    const char* names[] = {"Ada Lovelace", "Ada Lovelase", "Charles Babbage", "张伟",
                           "Zhang Wei",    "Grace Hopper", "Alan Turing",     "M. Somerville"};
    const char* ids[] = {"11010519491231002X", "440524188001010014"};
    Crowd crowd;
    for (unsigned i = 1; i <= size; ++i) {
        std::string json = R"({"name":{"full":")" + std::string(names[pick(8)]) + "\"}";
        if (pick(2))
            json += R"(,"emails":[{"address":"E","norm":"e)" + std::to_string(pick(6)) +
                    R"(@x.example","verified_at":"2026-01-01T00:00:00.000Z"}])";
        if (pick(3) == 0)
            json +=
                R"(,"phones":[{"e164":"+861381234567)" + std::to_string(pick(4)) + R"(","raw":"r","type":"mobile"}])";
        if (pick(4) == 0) json += R"(,"birth_date":"19)" + std::to_string(70 + pick(2)) + "\"";
        if (pick(6) == 0)
            json += R"(,"gov_ids":[{"scheme":"cn_resident_id","value":")" + std::string(ids[pick(2)]) + "\"}]";
        if (pick(3) == 0) json += R"(,"customer_number":"K)" + std::to_string(pick(5)) + "\"";
        json += R"(,"language":")" + std::string(pick(2) ? "de" : "en") + "\"}";
        crowd.add(i, "c" + std::to_string(pick(3)), std::to_string(pick(40)), json);
        auto& person = crowd.people.back();
        person.trusted_contact_points = pick(2);
        person.customer_number_space = pick(2) ? "acme" : "";
        person.observed_at = Timestamp{std::chrono::hours{24 * pick(5)}};
        person.deleted = pick(8) == 0;
    }
    return crowd;
}

std::vector<ManualPair> random_pairs(std::mt19937& random, unsigned size) {
    auto pick = [&](unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random); };
    std::vector<ManualPair> pairs;
    for (unsigned i = 0; i < size / 8; ++i) pairs.push_back({uid(1 + pick(size)), uid(1 + pick(size)), pick(2) == 0});
    return pairs;
}

// Everything that resolve and golden say, as one text.
std::string outcome(const std::vector<Person>& people, const std::vector<ManualPair>& pairs) {
    std::string text;
    Survivorship rules;
    rules.sources = {"c1"};
    for (const auto& cluster : resolve(people, pairs)) {
        text += cluster.customer.text() + " " + cluster.evidence_json();
        std::vector<Person> members;
        for (const auto& person : people)
            if (std::ranges::binary_search(cluster.records, person.record)) members.push_back(person);
        const auto view = golden(members, rules);
        text += value::to_json(view.contact.root()) + value::to_json(view.provenance.root()) + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("a hundred random orders of records and decisions give the same clusters and views", "[identity]") {
    std::mt19937 random(kSeed);
    std::size_t joined = 0, cut = 0;
    for (int crowds = 0; crowds < 10; ++crowds) {
        auto crowd = random_crowd(random, 60);
        auto pairs = random_pairs(random, 60);
        const auto first = outcome(crowd.people, pairs);
        for (const auto& cluster : resolve(crowd.people, pairs)) {
            joined += cluster.records.size() - 1;
            cut += cluster.cuts.size();
        }
        for (int order = 0; order < 100; ++order) {
            std::ranges::shuffle(crowd.people, random);
            std::ranges::shuffle(pairs, random);
            for (auto& pair : pairs)
                if (random() % 2) std::swap(pair.a, pair.b);
            REQUIRE(outcome(crowd.people, pairs) == first);
        }
    }
    CHECK(joined > 50);  // the crowds are not trivial
    CHECK(cut > 50);
}

TEST_CASE("records kept apart never meet, and those joined by hand do unless they are kept apart", "[identity]") {
    std::mt19937 random(kSeed + 1);
    for (int crowds = 0; crowds < 50; ++crowds) {
        const auto crowd = random_crowd(random, 40);
        const auto pairs = random_pairs(random, 40);
        std::map<Uid, Uid> customer;
        for (const auto& cluster : resolve(crowd.people, pairs))
            for (const auto& record : cluster.records) customer[record] = cluster.customer;
        CHECK(customer.size() == 40);
        const bool only_must = std::ranges::all_of(pairs, &ManualPair::must_link);
        for (const auto& pair : pairs) {
            if (pair.a == pair.b) continue;
            if (!pair.must_link)
                CHECK(customer[pair.a] != customer[pair.b]);
            else if (only_must)
                CHECK(customer[pair.a] == customer[pair.b]);
        }
    }
}

TEST_CASE("a part that hangs together alone resolves as it does among all", "[identity]") {
    std::mt19937 random(kSeed + 2);
    const auto crowd = random_crowd(random, 60);
    const auto all = resolve(crowd.people, {});
    for (const auto& cluster : all) {
        if (!cluster.cuts.empty()) continue;
        std::vector<Person> members;
        for (const auto& person : crowd.people)
            if (std::ranges::binary_search(cluster.records, person.record)) members.push_back(person);
        const auto alone = resolve(members, {});
        // Values that are generic among all may link in a part; nothing that was joined may fall apart.
        CHECK(alone.size() == 1);
    }
}

TEST_CASE("merging and unmerging gives back byte-identical views", "[identity]") {
    std::mt19937 random(kSeed + 3);
    for (int round = 0; round < 50; ++round) {
        auto crowd = random_crowd(random, 30);
        const std::vector<ManualPair> none;
        const auto before = outcome(crowd.people, none);
        const auto clusters = resolve(crowd.people, none);
        REQUIRE(clusters.size() > 1);
        // By hand, and back.
        const std::vector<ManualPair> merge = {{clusters[0].customer, clusters[1].customer, true}};
        CHECK(outcome(crowd.people, merge) != before);
        CHECK(outcome(crowd.people, none) == before);
        // By a new record that joins others, and its removal.
        const auto bridge =
            R"({"name":{"full":"Ada Lovelace"},"emails":[{"norm":"e1@x.example","verified_at":"2026-01-01T00:00:00.000Z"}]})";
        crowd.add(200, "new", "1", bridge);
        CHECK(outcome(crowd.people, none) != before);
        crowd.people.pop_back();
        CHECK(outcome(crowd.people, none) == before);
    }
}

TEST_CASE("keys that the caller knows to be generic link nobody", "[identity]") {
    Crowd crowd;
    for (unsigned i = 1; i <= 2; ++i) {
        crowd.add(i, "c", std::to_string(i), R"({"customer_number":"K1"})");
        crowd.people.back().customer_number_space = "acme";
    }
    CHECK(resolve(crowd.people, {}).size() == 1);
    ResolveOptions options;
    options.is_generic = [](const MatchKey& key) { return key == MatchKey{"customer_number", "acme|K1"}; };
    CHECK(resolve(crowd.people, {}, options).size() == 2);
}
