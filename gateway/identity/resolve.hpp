// resolve: from source records and decisions by hand to clusters, one for each customer. Pure; the outcome depends on
// the set of records and decisions alone, never on their order, and records that share nothing do not influence each
// other: resolving one connected group gives what resolving everything would give for it.
//
// How: every pair that shares a key and satisfies a rule is an edge; must_link pairs are edges. Edges are taken
// strongest rule first (rules.hpp), within a rule by the two record ids. An edge joins the clusters of its ends unless
// that would put together two records that are kept apart: a cannot_link pair, or, for every rule but must_link, two
// records that contradict each other. Such an edge is cut. So a cannot_link inside a chain separates at its weakest
// point, ties by the greater ids, and wins over a must_link of the same two records.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "gateway/identity/rules.hpp"

namespace tributary::identity {

struct Pair {
    Uid a, b;  // in either order
};

struct Decisions {
    std::vector<Pair> must_link, cannot_link;  // pairs with a record that is not there count for nothing
    // Keys that the store has found on more records than it is willing to look at: generic, whatever their names are.
    std::vector<MatchKey> generic;
};

// Without the value: what may be stored and shown.
struct Edge {
    Uid a, b;  // a < b
    Rule rule{};
    friend auto operator<=>(const Edge&, const Edge&) = default;
};

struct Cut {
    Edge edge;
    std::string_view reason;  // "cannot_link" or "contradiction"
};

struct Cluster {
    Uid id;                    // the smallest of its records
    std::vector<Uid> records;  // sorted
    std::vector<Edge> edges;   // all evidence inside the cluster, sorted; empty for a record alone
};

struct Resolution {
    std::vector<Cluster> clusters;  // by id; every candidate is in exactly one
    std::vector<Cut> cuts;          // sorted; for people to review
};

// REQUIRES: candidates of one entity, ids unique.
Resolution resolve(std::span<const Candidate> candidates, const Decisions& decisions, const ValueGuards& guards,
                   const NameFolder& folder);

}  // namespace tributary::identity
