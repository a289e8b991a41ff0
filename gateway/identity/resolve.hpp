// Resolve: which source records are one customer, by the deterministic rules D1-D6 with their guards. Pure, and blind
// to the order of its input: the same set gives the same clusters.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

// One source record of a contact. The node's document must outlive the call.
struct Person {
    Uid record;
    std::string connection, stream, external_id;
    value::Node contact;
    bool trusted_contact_points = false;
    Timestamp observed_at;  // when the source last changed it
    bool deleted = false;   // a tombstone still links, but gives nothing to the golden view
};

struct ManualPair {
    Uid a, b;
    bool must_link = true;  // false: cannot_link
};

struct Edge {
    Uid a, b;
    std::string rule;  // "D3", "manual"
    std::string key_type;
};

struct Cluster {
    Uid customer;              // the smallest record uid in it
    std::vector<Uid> records;  // sorted
    std::vector<Edge> edges;   // the evidence, sorted; empty for a record that stands alone
    std::string evidence_json() const;
};

// Sorted by customer. Every person stands in exactly one cluster.
std::vector<Cluster> resolve(std::span<const Person> people, std::span<const ManualPair> pairs);

}  // namespace tributary::identity
