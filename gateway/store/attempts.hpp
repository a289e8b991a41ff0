// Attempts: the append-only history of delivery attempts, written by Outbox::settle. Kept for a bounded time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct Attempt {
    std::int64_t id = 0;
    Timestamp at;
    std::string destination;
    std::string entity;
    Uid record, customer;
    Digest op_key{};
    std::string outcome;  // delivered, retry, superseded, withheld, buried
    std::string detail;   // safe to show: fault and text, or the remote status
    Milliseconds took{0};
};

struct AttemptFilter {
    std::optional<std::string> destination;
    std::optional<Uid> record, customer;
};

class AttemptsView {
  public:
    virtual ~AttemptsView() = default;
    // Newest first; `before` is the last id seen, 0 to begin.
    virtual Result<std::vector<Attempt>> list(const AttemptFilter& filter, std::int64_t before, std::size_t limit) = 0;
};

class Attempts : public virtual AttemptsView {
  public:
    // Removes those before `before`; an engine that keeps them by day may do so when the whole day is. Returns how many
    // it had to remove one by one: from `limit` on there may be more.
    virtual Result<std::uint64_t> sweep(Timestamp before, std::size_t limit) = 0;
};

}  // namespace tributary::store
