// Samples of an erasure: sealed blobs as they lay in the store before, to try afterwards that no key opens them.
#pragma once

#include <cstdint>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/erasure_progress.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/session.hpp"

namespace tributary::flow {

constexpr std::size_t kSamples = 100;

// At most kSamples of them, small ones, from records and queued items.
Result<std::vector<SealedSample>> take_samples(store::ReadSession& session, const store::PersonUids& people);
// How many of them open.
Result<std::uint64_t> opened_samples(World& world, const std::vector<SealedSample>& samples);

}  // namespace tributary::flow
