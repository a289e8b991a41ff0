// Inbox: webhook bodies kept before they are understood. A dedup key is remembered long after its body is finished.
// Duplicates are decided inside the transaction: of two concurrent deliveries with one key exactly one is fresh.
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

struct InboxEntry {
    std::string connection;
    Digest dedup_key{};  // hash of the sender's delivery id, or of the body; unique within the connection
    std::string topic;
    Timestamp received_at;
    std::string headers;  // the caller's own serialisation
    std::string body;     // sealed by the caller
};

enum class Accepted { fresh, duplicate };

struct ClaimedEntry {
    std::int64_t id = 0;
    std::uint32_t claims = 0;  // this one included; more than one without a retry() means that a claimer died with it
    InboxEntry entry;
    std::string last_error;  // of the newest retry(), else empty
};

struct InboxDepth {
    std::uint64_t waiting = 0;  // claimed ones included
    std::optional<Timestamp> oldest;
};

struct Swept {
    std::uint64_t removed = 0;
    bool complete = false;  // the whole table has been looked at since the last complete sweep
};

// A body as it lies in the inbox.
struct SealedBody {
    std::int64_t id = 0;
    std::string connection;
    std::string body;
};

class InboxView {
  public:
    virtual ~InboxView() = default;
    virtual Result<InboxDepth> depth() = 0;
    // Bodies sealed with that key of the ring (crypto/aead.hpp has the form), in order of their ids, after that one.
    virtual Result<std::vector<SealedBody>> sealed_with(Uid key, std::int64_t after, std::size_t limit) = 0;
    virtual Result<std::uint64_t> count_sealed_with(Uid key) = 0;
};

class Inbox : public virtual InboxView {
  public:
    // One answer for each entry, in order. conflict: its key was retired (store/keys.hpp); seal it again. Counts
    // `accepted` and `duplicate` for the connection.
    virtual Result<std::vector<Accepted>> put(std::span<const InboxEntry> entries) = 0;
    // Due entries in order of their ids, hidden from other claims until now + lease.
    virtual Result<std::vector<ClaimedEntry>> claim(std::size_t limit, Timestamp now, Milliseconds lease) = 0;
    // Removes the bodies; ids that are gone are ignored. Belongs into the transaction that commits the results.
    virtual Result<void> finish(std::span<const std::int64_t> ids) = 0;
    virtual Result<void> retry(std::int64_t id, Timestamp at, const std::string& error) = 0;
    // Replaces just the body that was read. False when it is finished.
    virtual Result<bool> reseal(const SealedBody& read, std::string_view body) = 0;
    // Forgets dedup keys received before `before`. Looks at no more than `limit` of them in one call.
    virtual Result<Swept> sweep(Timestamp before, std::size_t limit) = 0;
};

}  // namespace tributary::store
