// Prepare: the pure half of the process step: decode, map, validate, split by class, name the subject. No store, no
// keys: what it returns still holds personal values in clear, in memory only.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/flow/batch.hpp"
#include "gateway/flow/drift_watch.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/record/classes.hpp"
#include "gateway/store/consent_events.hpp"
#include "gateway/store/records.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {

struct PreparedRecord {
    store::RecordRow row;  // header: uid, hash and subject; `sealed` is still empty
    std::string personal;  // to be sealed
    value::Document document;
    bool linked = false;  // made by a link of another record: never replaces a record that came by itself
    Uid contact;          // the contact record it belongs to (its own uid for a contact), nil when there is none
    std::vector<store::Digest> match_keys;  // contacts: blinded
};

struct PreparedConsent {
    Uid contact;
    store::ConsentEventRow row;
};

struct Prepared {
    std::vector<PreparedRecord> records;  // in order; a key appears once, with its newest form
    std::vector<PreparedConsent> consents;
    std::vector<store::NewDeadLetter> dead;  // `clear` holds the raw JSON: the process step seals it
    std::uint64_t taken = 0, skipped = 0, quarantined = 0;
    std::map<std::string, std::uint64_t, std::less<>> mapped_by_stream;
    std::vector<store::QualityCount> quality;  // data-quality issues and drift
};

// Threads: prepare() may run on several threads at once; parsers and scratches are pooled.
class Preparer {
  public:
    explicit Preparer(World& world) : world_(world) {}
    Prepared prepare(const Batch& batch);

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
