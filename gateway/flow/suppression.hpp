// Suppression: a contact point to which no marketing may go any more, whoever holds it. A dead address or one that was
// unsubscribed is often known without the name that would link it to its customer, so the list goes by the address
// alone: a keyed hash of its normalised form, under a key of its own. decision.hpp says what ends a suppression.
#pragma once

#include <optional>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/suppressions.hpp"

namespace tributary::flow {

// What the list gets of a consent event about a contact point, which `kind` and `value` give in clear: something when
// the event makes it invalid, or takes back or refuses direct marketing there.
std::optional<store::Suppression> suppression_of(const World& world, const consent::ConsentEvent& event,
                                                 std::string_view kind, std::string_view value);

// The entries of a contact's addresses and numbers that a delivery over this channel could use.
Result<std::vector<store::Suppression>> suppressions_of(World& world, consent::Channel channel, value::Node contact);

}  // namespace tributary::flow
