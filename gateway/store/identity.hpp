// Identity: which source records are one customer. Records are only linked, never merged, so unlinking loses nothing.
// Match keys are blinded by the caller (keyed hash): the store never sees an address or a number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/store/digest.hpp"

namespace tributary::store {

struct KeyHits {
    std::vector<Uid> records;  // in order of uid, at most the cap
    bool more = false;         // a key beyond the cap is generic: it proves nothing
};

// The keys are the caller's.
struct RecordKeys {
    Uid record;
    std::span<const Digest> keys;
};

struct Link {
    Uid record;
    Uid customer;
    std::string evidence;  // JSON: rules and weights
    Timestamp decided_at;
};

enum class PairRule { must_link, cannot_link };

struct ManualPair {
    Uid a, b;  // unordered: the store keeps the smaller first
    PairRule rule = PairRule::must_link;
    std::string decided_by;
    Timestamp decided_at;
};

struct Customer {
    Uid uid;
    Digest golden_hash{};
    std::uint64_t version = 0;
    Timestamp updated_at;
};

class IdentityView {
  public:
    virtual ~IdentityView() = default;
    // Answers stand in the order of the questions.
    virtual Result<std::vector<KeyHits>> records_by_keys(std::span<const Digest> keys, std::size_t cap) = 0;
    virtual Result<std::vector<std::vector<Digest>>> keys_of(std::span<const Uid> records) = 0;
    virtual Result<std::vector<std::optional<Link>>> links_of(std::span<const Uid> records) = 0;
    // The linked records of each customer, in order of uid.
    virtual Result<std::vector<std::vector<Link>>> members(std::span<const Uid> customers) = 0;
    // Every pair in which any of these records stands.
    virtual Result<std::vector<ManualPair>> pairs_of(std::span<const Uid> records) = 0;
    virtual Result<std::vector<std::optional<Customer>>> customers(std::span<const Uid> uids) = 0;
    // The surviving id of each: follows aliases to their end; an id without alias is its own answer.
    virtual Result<std::vector<Uid>> resolve(std::span<const Uid> customers) = 0;
    virtual Result<std::vector<Customer>> list_customers(Uid after, std::size_t limit) = 0;
    virtual Result<std::uint64_t> customer_count() = 0;
};

class Identity : public virtual IdentityView {
  public:
    // Replaces all keys of each record. REQUIRES: no record twice.
    virtual Result<void> put_keys(std::span<const RecordKeys> records) = 0;
    virtual Result<void> set_links(std::span<const Link> links) = 0;
    virtual Result<void> remove_links(std::span<const Uid> records) = 0;
    virtual Result<void> put_pairs(std::span<const ManualPair> pairs) = 0;
    virtual Result<void> remove_pair(Uid a, Uid b) = 0;
    // Stores version as given.
    virtual Result<void> put_customers(std::span<const Customer> customers) = 0;
    // Removes the row of `merged`: from then on resolve() answers for it. conflict when it would close a circle.
    virtual Result<void> put_alias(Uid merged, Uid survivor, Timestamp at) = 0;
    // When a split gives a merged id back its own life.
    virtual Result<void> remove_alias(Uid merged) = 0;
};

}  // namespace tributary::store
