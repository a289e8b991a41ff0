// Resolve: which source records are one customer, by the deterministic rules D1-D6 with their guards. Pure, and blind
// to the order of its input: the same set gives the same clusters. Records that hang together by no key and no pair do
// not influence each other, so resolving a neighbourhood gives what resolving everything would give for it.
//
// How: every two records that share a key and satisfy its rule make an edge, must_link pairs make one too. Edges are
// taken strongest rule first (rules.hpp), within a rule by the two record ids. An edge joins the clusters of its ends
// unless that would put together two records that are kept apart: a cannot_link pair or, for every rule but must_link,
// two records that contradict each other (different ids of one scheme, different dates of birth), or of which one stays
// alone. Such an edge is cut.
// So a cannot_link inside a chain separates it at the weakest edge, and wins over a must_link of the same two records.
//
// A value that more than ValueGuards::names_per_value() distinct names hold is generic: D3 and D4 do not use it.
#pragma once

#include <compare>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/identity/match_keys.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

// One source record of a customer. The node's document must outlive the call.
struct Person {
    Uid record;
    std::string connection, stream, external_id;
    value::Node contact;
    bool trusted_contact_points = false;
    Timestamp observed_at;                   // when the source last changed it
    bool deleted = false;                    // a tombstone still links, but gives nothing to the golden view
    std::string customer_number_space = {};  // see KeyOptions
    bool stays_alone = false;                // its person objected to being recognised: only must_link and D1 join it
};

struct ManualPair {
    Uid a, b;
    bool must_link = true;  // false: cannot_link
};

// One reason to link two records, without the value: it may be stored and shown.
struct Edge {
    Uid a, b;              // a < b
    std::string rule;      // "D3", "manual"
    std::string key_type;  // of the shared key; empty for "manual"
    friend auto operator<=>(const Edge&, const Edge&) = default;
};

// An edge that was not taken, for people to review. One of its ends is in the cluster that lists it.
struct CutEdge {
    Edge edge;
    std::string reason;  // "cannot_link", "objection" or "contradiction"
};

struct Cluster {
    Uid customer;              // the smallest record uid in it
    std::vector<Uid> records;  // sorted
    std::vector<Edge> edges;   // the evidence, sorted; empty for a record that stands alone
    std::vector<CutEdge> cuts = {};
    // [{"a": ..., "b": ..., "rule": "D3", "key": "email"}, ..., {..., "cut": "cannot_link"}]
    std::string evidence_json() const;
};

struct ResolveOptions {
    const ValueGuards* guards = nullptr;  // nullptr: the built-in ones
    // Keys that the caller knows to be held by more records than it looks at; they link nobody.
    std::function<bool(const MatchKey&)> is_generic = {};
};

// Sorted by customer. Every person stands in exactly one cluster. REQUIRES: record uids are unique; pairs may name
// records that are not there.
std::vector<Cluster> resolve(std::span<const Person> people, std::span<const ManualPair> pairs,
                             const ResolveOptions& options = {});

}  // namespace tributary::identity
