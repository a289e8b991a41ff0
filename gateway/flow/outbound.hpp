// Outbound: the steps of one item between its lease and the push: consent once more, its record opened and mapped for
// the destination. No network.
#pragma once

#include "gateway/consent/decision.hpp"
#include "gateway/flow/delivery_work.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

// The reason of a denial because the subject was erased: the item is done then, nothing is withheld.
inline constexpr std::string_view kErased = "C-ERASED";
// Opens the item's record and asks whether it may go.
Result<consent::Decision> permit(World& world, DeliveryItem& item);
// Maps the opened record of the lane's head into its push. bad_input lists what the mapping found wrong.
Result<void> fill_push(World& world, DeliveryLane& lane, mapping::Scratch& scratch);

store::WithheldRow withheld_row(const World& world, const DeliveryItem& item, std::string_view reason);
store::Disclosure disclosure_of(const World& world, const DeliveryItem& item, const std::string& remote_id);
store::NewDeadLetter dead_letter(const DeliveryItem& item, const Error& error, Timestamp now, std::uint32_t attempts);

}  // namespace tributary::flow
