// The state of one delivery round: leased lanes and the items in them, from claim to settlement. Private to delivery.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/flow/delivery_rules.hpp"
#include "gateway/flow/routing.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/disclosures.hpp"
#include "gateway/store/outbox.hpp"
#include "gateway/store/remote_ids.hpp"
#include "gateway/store/withheld.hpp"

namespace tributary::flow {

// One item on its way out.
struct DeliveryItem {
    const store::Item* item = nullptr;
    const Delivery* delivery = nullptr;  // null: its delivery is no longer configured
    std::vector<std::int64_t> older;     // seqs of the forms of its record that it makes needless
    Operation operation;
    value::Document canonical;
    connector::Push push;
    store::ItemResult result;
    std::optional<store::RemoteId> remote;
    std::optional<store::Disclosure> disclosure;
    std::optional<store::WithheldRow> withheld;
};

// One leased lane. Items end from the front; the first that has to wait holds back all behind it. Never copied: its
// items point into `claimed`. (Containers copy what may throw when it moves, as a deque may, unless there is no copy.)
struct DeliveryLane {
    DeliveryLane() = default;
    DeliveryLane(DeliveryLane&&) = default;
    DeliveryLane& operator=(DeliveryLane&&) = default;

    store::ClaimedLane claimed;
    std::deque<DeliveryItem> waiting;
    std::vector<DeliveryItem> ended;
    // How the lane is left: unset while it goes on.
    std::optional<Verdict> stopped;
    std::string error;
    std::uint32_t fail_count = 0;
    // This round sent something of it that arrived: then nobody before sent what comes after that. One that was refused
    // says nothing, for who came before may have been refused it as well, and gone on.
    bool sent_anew = false;
    std::optional<SteadyTime> failing_since;  // the wall clock may be set while a push waits

    bool active() const { return !stopped && !waiting.empty(); }
    DeliveryItem& head() { return waiting.front(); }
    void end_head(store::ItemEnd end, bool attempted, std::string detail);
};

// Splits a claim into items. The newest of several full-state items of one record goes in the place of the oldest,
// since what stands between them may need the record over there, as an order needs its customer. The older ones end
// with it: a lane that stops before keeps them, and so the place.
DeliveryLane open_lane(const World& world, store::ClaimedLane claimed);

// What the store is told about the lane. `at` is the end of the round.
store::LaneResult lane_result(const DeliveryLane& lane, Timestamp at);

}  // namespace tributary::flow
