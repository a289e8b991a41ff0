// Dead letters: records that no retry will save, with stage, cause and payload. Never dropped to make room: a full
// store refuses the next one with Fault::transient, so that the record stays where it was, and raises the alert before.
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

struct NewDeadLetter {
    std::string stage;  // decode, map, validate, consent, identity, deliver, poison, ...
    Fault fault = Fault::internal;
    std::string cause;        // safe to show: holds no value of the record
    std::string connection;   // where it came from; may be empty
    std::string destination;  // where it was going; empty before the outbox
    std::string stream;
    std::string entity;
    std::string record_key;  // external id or other key that an operator can look for
    Uid record, customer;    // nil when not known
    std::string operation;
    Digest op_key{};
    std::string mapping_version;
    std::string clear;  // payload, as the queue held it
    std::string sealed;
    Uid subject;  // whose key opens `sealed`
    Timestamp first_failed_at, last_failed_at;
    std::uint32_t attempts = 0;
};

struct DeadLetter : NewDeadLetter {
    std::int64_t id = 0;
    std::optional<Timestamp> redriven_at;
};

// Every member that is set must match.
struct DeadLetterFilter {
    std::optional<std::string> stage, connection, destination, entity, mapping_version;
    std::optional<std::string> cause_contains;
    std::optional<Uid> record, customer;
    std::optional<Timestamp> failed_since, failed_before;  // by last_failed_at
    bool redriven = false;                                 // list the redriven ones instead
};

struct DeadLetterCount {
    std::string stage, connection, destination;
    std::uint64_t letters = 0;
};

struct DeadLetterRoom {
    std::uint64_t letters = 0;  // not redriven
    std::uint64_t limit = 0;
    bool alert = false;  // beyond the alert threshold of the engine's options
};

class DeadLettersView {
  public:
    virtual ~DeadLettersView() = default;
    // Keyset paging in order of id: pass the last id seen, 0 to begin. Payloads are left out unless asked for.
    virtual Result<std::vector<DeadLetter>> list(const DeadLetterFilter& filter, std::int64_t after, std::size_t limit,
                                                 bool with_payload = false) = 0;
    virtual Result<std::optional<DeadLetter>> get(std::int64_t id) = 0;
    virtual Result<std::uint64_t> count(const DeadLetterFilter& filter) = 0;
    virtual Result<std::vector<DeadLetterCount>> counts() = 0;
    virtual Result<DeadLetterRoom> room() = 0;
};

class DeadLetters : public virtual DeadLettersView {
  public:
    // Ids in order. Counts `dead` for the destination, or `quarantined` for (connection, stream) when it has none.
    virtual Result<std::vector<std::int64_t>> put(std::span<const NewDeadLetter> letters) = 0;
    // Keeps the row until sweep(). Returns how many were marked: one redriven before is not marked twice.
    virtual Result<std::uint64_t> mark_redriven(std::span<const std::int64_t> ids, Timestamp at) = 0;
    virtual Result<std::uint64_t> remove(std::span<const std::int64_t> ids) = 0;
    // Removes redriven letters that were redriven before `before`, at most `limit`.
    virtual Result<std::uint64_t> sweep(Timestamp before, std::size_t limit) = 0;
};

}  // namespace tributary::store
