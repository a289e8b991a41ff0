// Batch: source records on their way through one run of the process step, and what that run did.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/store/checkpoints.hpp"
#include "gateway/store/dead_letters.hpp"

namespace tributary::flow {

struct Intake {
    std::string stream;
    connector::SourceRecord record;
    // When the gateway was told; unset: now. A record that does not say when it changed is as old as this, so one that
    // waited or failed before never replaces a newer one.
    std::optional<Timestamp> told_at;
    bool gpc = false;  // it came from the person's browser, with Global Privacy Control
};

// Records of one connection, in the order of their acceptance, with what must be committed together with them.
struct Batch {
    std::string connection;
    std::vector<Intake> records;
    std::vector<store::NewDeadLetter> broken;     // what could not even be decoded; payload still in clear: sealed here
    std::vector<std::int64_t> inbox;              // finished by this batch
    std::vector<std::int64_t> redriven;           // dead letters that this batch takes up again
    std::optional<store::Checkpoint> checkpoint;  // saved with the records
    struct Fence {
        std::string lease;
        std::uint64_t token = 0;
        Milliseconds extend_by{0};  // the commit renews the lease
    };
    std::optional<Fence> fence;  // a stale token fails the whole batch with Fault::conflict
};

struct BatchResult {
    std::uint64_t records = 0;    // taken in
    std::uint64_t changed = 0;    // written, linked records included
    std::uint64_t unchanged = 0;  // as they are stored; linked records are not counted
    std::uint64_t stale = 0;      // older than what is stored: left alone
    std::uint64_t refused = 0;    // about people who were erased
    std::uint64_t no_basis = 0;   // left out: no purpose of their stream allows to keep them
    std::uint64_t skipped = 0;    // left out by the mapping's own rule
    std::uint64_t quarantined = 0;
    std::uint64_t enqueued = 0;  // items for destinations
    std::uint64_t withheld = 0;  // by consent
};

}  // namespace tributary::flow
