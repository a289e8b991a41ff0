// World: everything the flow works on, built once by app's wiring and passed by reference. It owns the connections and
// deliveries; the rest outlives it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/consent/purpose.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/flow/delivery_rules.hpp"
#include "gateway/flow/operator_pause.hpp"
#include "gateway/identity/golden.hpp"
#include "gateway/mapping/plan.hpp"
#include "gateway/net/address_guard.hpp"
#include "gateway/record/model.hpp"
#include "gateway/run/backoff.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/run/schedule.hpp"
#include "gateway/run/timers.hpp"
#include "gateway/service/rulebook.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/blind_index.hpp"
#include "gateway/vault/key_ring.hpp"
#include "gateway/vault/key_store.hpp"
#include "gateway/vault/subject_keys.hpp"

namespace tributary::flow {

class ActTally;
class LeaseLosses;

struct Stream {
    std::string name;
    std::shared_ptr<const mapping::Plan> plan;  // shared with the batches that are being mapped
    std::optional<run::Schedule> schedule;      // unset: webhooks or `sync run` alone
    bool full_refresh = false;                  // each run reads everything
    std::vector<std::string> purposes = {};     // that its records are kept for; empty: they are kept as they come
};

struct Connection {
    std::string name;
    std::string connector_name;
    std::unique_ptr<connector::Connector> connector;
    std::map<std::string, Stream, std::less<>> streams;
    // Its e-mail addresses and phones count as verified for identity (an ERP that checked them).
    bool trusted_contact_points = false;
    // Who may send webhooks; empty: everybody. Checked before the signature.
    std::vector<net::Network> allow_from;
    std::vector<std::string> topics;  // what it subscribes to
    bool subscribe = false;           // the gateway keeps its subscriptions
    bool from_browser = false;        // its webhooks are sent by the browsers of the people they are about
    bool paused = false;              // nothing is read, accepted or delivered; what is queued waits
    // Connections that name the same space share customer numbers by contract; empty: its numbers are no match keys.
    std::string customer_number_space;
    // An operator paused it: as `paused`, until it is resumed. Shared with whoever does that.
    std::shared_ptr<OperatorPause> held = std::make_shared<OperatorPause>();

    bool at_rest() const { return paused || held->on(); }
};

struct Delivery {
    std::string name;
    std::string to;                             // connection
    std::string entity;                         // canonical
    std::string action;                         // of the connector
    std::shared_ptr<const mapping::Plan> plan;  // canonical record -> what the action takes; null: the record itself
    std::string purpose;
    consent::Channel channel = consent::Channel::any;  // set when the delivery contacts people
    OnPermanentFailure on_permanent_failure = OnPermanentFailure::supersede;
    run::Backoff backoff;
    bool deletes = false;   // whether deletions at the source are carried on
    std::size_t batch = 0;  // items in one push; 0: what the connector does best
    bool paused = false;    // its items wait in the queue
    bool processor = true;  // the destination works for us; false: a controller of its own, who needs consent
};

struct World {
    const Clock& clock;
    crypto::Random& random;
    Log& log;
    run::Timers& timers;
    run::Pool& pool;  // mapping, sealing and blocking store calls
    store::Store& store;
    vault::KeyStore& key_store;
    vault::SubjectKeys& subject_keys;
    const vault::BlindIndex& blind;
    const vault::BlindIndex& suppression_index;
    const vault::KeyRing& ring;  // seals webhook bodies until they are processed
    const record::Model& model;
    const consent::PurposeRegistry& purposes;
    const identity::Survivorship& survivorship;
    std::map<std::string, Connection, std::less<>> connections;
    std::vector<Delivery> deliveries;
    const service::Rulebook* service = nullptr;  // null: messages make no cases
    ActTally* tally = nullptr;                   // null: refusals are counted in metrics alone
    LeaseLosses* losses = nullptr;               // null: not counted

    const Connection* connection(std::string_view name) const {
        auto found = connections.find(name);
        return found == connections.end() ? nullptr : &found->second;
    }
    const Delivery* delivery(std::string_view name) const {
        for (const auto& one : deliveries)
            if (one.name == name) return &one;
        return nullptr;
    }
};

// The uid of a source record follows from its key, so that a record can be referred to before it arrives. It is a keyed
// hash: nobody outside can guess it.
Uid record_uid(const vault::BlindIndex& blind, const store::RecordKey& key);

}  // namespace tributary::flow
