// MergeGate: whether a person's records may be put together with others by rule (E3). Asked for the purpose
// `identity.merge`, where purposes.yaml declares it. A restriction of processing parts nobody from what is theirs.
#pragma once

#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/flow/consent_gate.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

constexpr std::string_view kMergePurpose = "identity.merge";

// transient: consent cannot be decided now. REQUIRES: the purpose is declared, and `facts` hold the subject's acts.
Result<bool> may_merge(World& world, const ConsentFacts& facts, const Uid& subject, value::Node contact);

// Whether one of these stored records stays alone: whoever joins them by hand should know.
Result<bool> any_stays_alone(World& world, std::span<const Uid> records);

// Whether an act may change that: then its person's records are looked at again.
bool is_about_merging(const consent::ConsentEvent& event);

}  // namespace tributary::flow
