// Suppressions: contact points that must not be used, as keyed hashes only. They survive the erasure of their subject.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct Suppression {
    Digest key{};
    std::string reason;  // the state of the consent event that led to it: invalidated, withdrawn, refused, revoked
    Timestamp at;
};

// One put() of a suppression that changed something, in order.
struct SuppressionAct : Suppression {
    std::int64_t seq = 0;
};

class SuppressionsView {
  public:
    virtual ~SuppressionsView() = default;
    // One answer for each key, in order.
    virtual Result<std::vector<std::optional<Suppression>>> find(std::span<const Digest> keys) = 0;
    // Also of those that were removed since. For followers: pass the last seq seen, 0 to begin.
    virtual Result<std::vector<SuppressionAct>> acts(std::int64_t after, std::size_t limit) = 0;
};

class Suppressions : public virtual SuppressionsView {
  public:
    // The newest act about a key counts, with its reason.
    virtual Result<void> put(std::span<const Suppression> suppressions) = 0;
    virtual Result<void> remove(std::span<const Digest> keys) = 0;
};

}  // namespace tributary::store
