// Merged customer: what becomes of items that were queued for a customer who has been merged into another one since.
// The survivor has a lane of its own, in which it goes there itself; sent under both, it would be there twice.
#pragma once

#include <span>
#include <vector>

#include "gateway/flow/delivery_work.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

enum class AfterMerge {
    as_before,  // the customer is nobody, or still itself
    needless,   // the survivor carries it, or a newer form of the record was queued in the survivor's lane
    wait,       // the survivor's lane goes first: the item may need what is in it, such as the customer
};

// One for the head of each lane, in order. REQUIRES: no lane is empty.
Result<std::vector<AfterMerge>> after_merges(World& world, std::span<DeliveryLane* const> lanes);

// A customer that was merged while it was on its way: what the destination calls it is the survivor's name over there,
// unless the survivor has one.
Result<void> name_survivors(store::Session& session, std::vector<store::RemoteId>& remotes);

}  // namespace tributary::flow
