// Remainders: what the law wants kept of a person who was erased: figures without anything that leads back to them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

struct Remainder {
    Uid token;           // random: in the place of record and person
    std::string entity;  // order, payment
    std::string basis;   // legal_obligation
    std::string body;    // JSON: money, dates, SKUs
    Timestamp at, kept_until;
};

class RemaindersView {
  public:
    virtual ~RemaindersView() = default;
    // In order of token: pass the last one seen, a nil Uid to begin.
    virtual Result<std::vector<Remainder>> list(Uid after, std::size_t limit) = 0;
    virtual Result<std::uint64_t> count() = 0;
};

class Remainders : public virtual RemaindersView {
  public:
    virtual Result<void> put(std::span<const Remainder> remainders) = 0;
    // Removes those whose time is over, at most `limit`.
    virtual Result<std::uint64_t> sweep(Timestamp now, std::size_t limit) = 0;
};

}  // namespace tributary::store
