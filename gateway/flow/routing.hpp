// Routing: which destinations hear of a change. For each delivery: not back to where it came from, and only with
// consent; what consent keeps back becomes a withheld row that an operator can see.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/outbox.hpp"
#include "gateway/store/withheld.hpp"

namespace tributary::flow {

// One canonical record that changed: a customer's golden view, or a record of another entity.
struct Change {
    std::string entity;
    Uid local;                  // customer, or record
    Uid customer;               // nil when the record belongs to nobody
    Uid subject;                // whose key seals the payload
    std::vector<Uid> subjects;  // of the customer, for consent
    std::uint64_t version = 0;  // of the golden view or record: part of the idempotency key
    bool deleted = false;
    std::string origin;  // the connection that the change came from
    std::string mapping_version;
    value::Node document;     // REQUIRES: outlives the call
    value::Node person = {};  // the golden view of its customer, where the document is not that; outlives the call too
};

// Items whose payload is not sealed yet: `clear` is final, `personal` is still to be sealed with the subject's key.
struct OpenItem {
    store::NewItem item;
    std::string personal;
};

struct Routed {
    std::vector<OpenItem> items;
    std::optional<mapping::Scratch> scratch;  // for mappings that leave records out
    std::vector<store::WithheldRow> withheld;
};

// What the delivery's mapping leaves out (`skip`) is no business of that destination: nothing is queued or withheld.
// `only`: just these deliveries, by name (a release of withheld ones); empty: all.
void route(World& world, const Change& change, const ConsentFacts& facts, Routed& out,
           const std::vector<std::string>& only = {});

// An item's operation names its delivery and what is done: "erp-customers:upsert".
std::string operation_text(const Delivery& delivery, bool deleted);
struct Operation {
    std::string delivery;
    bool deleted = false;
};
Operation read_operation(std::string_view text);

// The idempotency key of one form of a customer or record at a delivery.
store::Digest operation_key(const Delivery& delivery, const Uid& local, std::uint64_t version, bool deleted);

}  // namespace tributary::flow
