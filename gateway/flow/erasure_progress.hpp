// ErasureProgress: how far an erasure is, kept with its request so that a crash costs nothing: pseudonyms, counts and a
// few sealed blobs that must not open any more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/store/person_rows.hpp"

namespace tributary::flow {

enum class ErasureStage : std::uint8_t {
    none,
    barred,    // the ledger holds them: nothing of them comes in or goes out
    removed,   // rows and keys are gone, destinations have their tasks
    verified,  // and it was tried
};

// A sealed blob as it lay in the store, and where: source_record {record} or item {destination, record, op key}.
struct SealedSample {
    Uid subject, record;
    std::string destination, op_key;  // empty for a source record
    std::string sealed;
};

struct ErasureProgress {
    ErasureStage stage = ErasureStage::none;
    store::PersonUids people;
    std::vector<SealedSample> samples;             // until they were tried
    std::map<std::string, std::uint64_t> removed;  // by table
    std::uint64_t sampled = 0, tasks = 0, remainders = 0;
    std::vector<std::string> sources;    // connections that the records came from
    std::vector<std::string> key_rings;  // ids of the ring's keys that wrapped the destroyed ones
    std::optional<Timestamp> barred_at, removed_at, verified_at;
    std::int64_t audit_from = 0, audit_to = 0;  // entries of the audit trail about it
    std::vector<Uid> held;     // customers of the request that a legal hold keeps: their turn comes when it ends
    std::vector<Uid> earlier;  // subjects erased in an earlier turn
    std::vector<std::string> waits_for;  // why it is not complete; empty: it is, or was not looked at
    std::string certificate;             // signed note

    // Whether a run has been at it before.
    bool begun() const { return !certificate.empty(); }
    std::string json() const;
    // Empty text: nothing was done yet.
    static Result<ErasureProgress> parse(std::string_view json);
};

// By table, those that are not zero.
std::map<std::string, std::uint64_t> counts_by_table(const store::PersonCounts& counts);

}  // namespace tributary::flow
