// Prepare: the pure half of the process step: decode, map, validate, split by class, name the subject. No store, no
// keys: what it returns still holds personal values in clear, in memory only.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/flow/batch.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/drift_watch.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/record/classes.hpp"
#include "gateway/store/records.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {

struct PreparedRecord {
    store::RecordRow row;  // header: uid, hash and subject; `sealed` is still empty
    std::string personal;  // to be sealed
    value::Document document;
    bool linked = false;  // made by a link of another record: never replaces a record that came by itself
    Uid contact;          // the contact record it belongs to (its own uid for a contact), nil when there is none
    bool dated = false;   // its source says when it changed; else `observed_at` is of our clock
    std::vector<store::Digest> match_keys;  // contacts: blinded
    const Stream* stream = nullptr;         // of the world, that it came by; null: made here
    // Made from what is stored: its source says nothing new by it. It is written only while the store has the version
    // that it was made from.
    bool restated = false;
};

// Works out what follows from `document`, after it changed: hash, parts by class, match keys.
void settle_form(const World& world, PreparedRecord& prepared, record::Parts& parts);

// A source record that was taken as read, before any of it was parsed.
struct Familiar {
    store::RecordKey key;
    store::Digest source;
};

struct Prepared {
    std::vector<PreparedRecord> records;  // in order; a key appears once, with its newest form
    std::vector<Familiar> familiar;       // left out: what the source sent is what the stored record was made of
    std::vector<PreparedConsent> consents;
    std::vector<store::NewDeadLetter> dead;  // `clear` holds the raw JSON: the process step seals it
    std::uint64_t corrections_ended = 0;     // their source carries them now
    std::uint64_t taken = 0, skipped = 0, quarantined = 0;
    std::map<std::string, std::uint64_t, std::less<>> mapped_by_stream;
    std::vector<store::QualityCount> quality;  // data-quality issues and drift
};

// Threads: prepare() may run on several threads at once; parsers and scratches are pooled.
class Preparer {
  public:
    explicit Preparer(World& world) : world_(world) {}
    // `known`: what the store has under the key of each record of the batch, in order, so that what did not change at
    // the source is not mapped again; whoever commits makes sure that it still holds. Empty: everything is mapped.
    Prepared prepare(const Batch& batch, std::span<const std::optional<store::RecordHeader>> known = {});

  private:
    struct Tools {
        value::JsonParser parser;
        mapping::Scratch scratch;
        record::Parts parts;
    };
    std::unique_ptr<Tools> borrow();
    void give_back(std::unique_ptr<Tools> tools);

    World& world_;
    DriftWatch drift_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Tools>> idle_;
};

}  // namespace tributary::flow
