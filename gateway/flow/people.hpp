// People: works out what a batch of contact records does to the customers: which records are one customer now, and
// whose golden view changed. Reads the store, writes nothing.
//
// REQUIRES: no other batch commits between relink() and the commit of its result (the process step holds one lock).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/identity.hpp"

namespace tributary::flow {

// The blinded match keys of a contact record.
std::vector<store::Digest> contact_keys(const World& world, const Connection& connection, const store::RecordKey& key,
                                        value::Node contact);

struct CustomerChange {
    store::Customer row;        // with the new golden hash and version
    value::Document golden;     // empty when every member is a tombstone
    std::vector<Uid> subjects;  // of all members, sorted: consent is asked over all of them
    Uid subject;                // whose key seals the golden view: that of the customer's first record
};

struct PeopleChange {
    std::vector<store::Link> links;           // those that differ from the store's
    std::vector<CustomerChange> customers;    // those whose golden view differs
    std::vector<std::pair<Uid, Uid>> merged;  // customer ids that ended, and where their records are now
    std::vector<Uid> revived;                 // ids that were merged away and live again
    std::map<Uid, Uid> customer_of;           // of every record that was looked at
};

// `changed`: contact records that this batch writes. `touched`: stored records whose manual pairs changed. `said`: the
// consent acts of the batch. transient: consent cannot be decided now.
Result<PeopleChange> relink(World& world, std::span<const PreparedRecord* const> changed,
                            std::span<const Uid> touched = {}, std::span<const PreparedConsent> said = {});

// What is stored of one customer.
struct CustomerRows {
    std::vector<store::RecordRow> records;
    std::optional<store::Customer> customer;
};
Result<CustomerRows> read_customer(store::ReadSession& session, const Uid& customer);

// What one customer is now, from the store alone; not_found when no record is linked to it, or a record's key is gone.
Result<CustomerChange> load_customer(World& world, const Uid& customer);
// The same from rows that were read already.
Result<CustomerChange> load_customer(World& world, const Uid& customer, CustomerRows rows);

}  // namespace tributary::flow
