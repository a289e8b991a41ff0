// KeyRotation: new keys in the ring, everything wrapped with the old ones wrapped anew, old ones destroyed, while the
// gateway runs. Each step can be cut off and taken up again by any process: what is left to do stands in the ring and
// in the store, nowhere else.
//
// Each act has its audit entry. The ring is a file of its own, so the entry is committed first and the file changed
// after: a crash in between leaves the entry of an act that the next try completes, and never an act without an entry.
// (A new key is told once it has its id; until it is promoted it seals nothing.)
// What destroys a key retires it in the store first (store/keys.hpp): what was still being sealed with it fails with
// Fault::conflict and is sealed again with the new one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

// What one key of the ring wraps or seals.
struct KeyUse {
    std::uint64_t subject_keys = 0, secrets = 0, inbox = 0, notes = 0;  // notes: store/sealed_notes.hpp
    std::uint64_t all() const { return subject_keys + secrets + inbox + notes; }
};

struct Rewrap {
    std::uint64_t subject_keys = 0, secrets = 0, inbox = 0, notes = 0;  // wrapped or sealed anew
    bool complete = false;                                              // nothing is left that an older key wraps
};

struct Roll {
    Uid primary;
    Rewrap rewrap;
    std::vector<Uid> destroyed;
};

// Safe from several threads. Blocks on the store. What it is given outlives it.
class KeyRotation {
  public:
    // Called between batches; false stops.
    using GoOn = std::function<bool(const Rewrap&)>;

    KeyRotation(store::Store& store, vault::KeyRing& ring, crypto::Random& random, const Clock& clock)
        : store_(store), ring_(ring), random_(random), clock_(clock) {}

    // A new primary key, whose id is returned. refused: keys of that use make hashes that are looked up, or sign; they
    // cannot be wrapped anew. `actor` as in an audit entry of a user; empty: the gateway itself.
    Result<Uid> rotate(vault::Use use, const std::string& actor);
    // Wraps everything with the primary keys, a batch for each transaction.
    Result<Rewrap> rewrap(const GoOn& go_on = {});
    // refused, with the counts, while anything is wrapped with it; refused for a primary key.
    Result<void> destroy(const Uid& key, const std::string& actor);
    // Afterwards every key of this use that was made before `since` is destroyed, and whatever was not wrapped anew
    // (erased subjects, old backups) never opens again. Called again with the same `since` it completes what was cut
    // off, and does nothing when nothing is left.
    Result<Roll> roll(vault::Use use, Timestamp since, const std::string& actor, const GoOn& go_on = {});

    // What each key of the ring wraps. Reads whole tables.
    Result<std::map<Uid, KeyUse>> uses();
    // Opens every wrapped key; returns the errors, at most 100, each with its place.
    struct Check {
        std::uint64_t subject_keys = 0, secrets = 0, inbox = 0, notes = 0;  // that open
        std::uint64_t broken = 0;
        std::vector<Error> errors;
    };
    Result<Check> verify();
    // Seals the ring file with another master.
    Result<void> change_master(const vault::Master& master, const std::string& actor);

  private:
    Result<void> tell(std::string_view action, const std::string& actor, vault::Use use, const Uid& key);
    Result<bool> rewrap_subject_keys(const Uid& kek, Rewrap& done, const GoOn& go_on);
    Result<bool> rewrap_secrets(Rewrap& done, const GoOn& go_on);
    Result<bool> reseal_inbox(const Uid& key, Rewrap& done, const GoOn& go_on);
    Result<bool> reseal_notes(const vault::RingKey& key, Rewrap& done, const GoOn& go_on);
    Result<Rewrap> rewrap_all(const GoOn& go_on);
    Result<void> retire(const Uid& key);
    Result<void> destroy_key(const vault::RingKey& key, const std::string& actor);
    store::Store& store_;
    vault::KeyRing& ring_;
    crypto::Random& random_;
    const Clock& clock_;
    std::mutex mutex_;  // one act at a time in this process
};

}  // namespace tributary::flow
