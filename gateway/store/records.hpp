// Records: the last canonical form of each (connection, stream, external id). An unchanged hash means: do not write.
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

struct RecordKey {
    std::string connection;
    std::string stream;
    std::string external_id;
};

struct RecordHeader {
    std::int64_t id = 0;  // the engine's row; 0: not stored yet
    Uid uid;              // known to all other tables
    Digest hash{};
    std::uint64_t version = 0;  // 1 for the first form, then counts changes
    bool deleted = false;
    Uid subject;
    // Of what the source sent for it, under the mapping that made it: the same again makes the same record. All zero:
    // not known.
    Digest source{};
};

// REQUIRES for put(): a new record has header.id 0, version 0 and a uid of the caller's; a change carries id, uid and
// version as find() or load() gave them, with the new hash.
struct RecordRow {
    RecordHeader header;
    RecordKey key;
    std::string entity;
    std::string clear;   // canonical JSON of the P0 and P1 fields
    std::string sealed;  // one blob for the P2 and P3 fields; may be empty
    Timestamp observed_at;
    std::string mapping_version;
};

struct RecordCount {
    std::string connection, stream;
    std::uint64_t records = 0;
    std::uint64_t deleted = 0;  // of these
};

class RecordsView {
  public:
    virtual ~RecordsView() = default;
    // One answer for each key, in order.
    virtual Result<std::vector<std::optional<RecordHeader>>> find(std::span<const RecordKey> keys) = 0;
    virtual Result<std::vector<std::optional<RecordRow>>> load(std::span<const Uid> uids) = 0;
    virtual Result<std::vector<std::optional<RecordRow>>> load(std::span<const RecordKey> keys) = 0;
    // All records linked to the customer (store/identity.hpp), in order of uid; tombstones included.
    virtual Result<std::vector<RecordRow>> by_customer(Uid customer) = 0;
    // Keyset paging in order of header.id: pass the last id seen, 0 to begin.
    virtual Result<std::vector<RecordRow>> list(const std::string& entity, std::int64_t after, std::size_t limit) = 0;
    virtual Result<std::vector<RecordCount>> counts() = 0;
};

class Records : public virtual RecordsView {
  public:
    // The new headers, in order. Fault::conflict when a row changed since it was read, or was put by someone else:
    // find again. The same key twice in one call is a conflict.
    virtual Result<std::vector<RecordHeader>> put(std::span<const RecordRow> rows) = 0;
    // Stores header.source of records whose form stayed as it is; one that changed since it was read is left alone.
    virtual Result<void> remember_source(std::span<const RecordHeader> headers) = 0;
    // Also removes links, match keys and manual pairs of these records (erasure).
    virtual Result<void> erase(std::span<const Uid> uids) = 0;
};

}  // namespace tributary::store
