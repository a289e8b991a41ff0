#include "gateway/store/sql/audit_table.hpp"

#include <algorithm>

namespace tributary::store {
namespace {

constexpr const char* kRead = "SELECT seq, entry, leaf, chain FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2";
constexpr const char* kLast = "SELECT seq, entry, leaf, chain FROM audit ORDER BY seq DESC LIMIT 1";
constexpr const char* kAppend = "INSERT INTO audit (seq, entry, leaf, chain) VALUES (?1, ?2, ?3, ?4)";
constexpr const char* kCheckpoints =
    "SELECT size, at, parts, note FROM audit_checkpoint WHERE size > ?1 ORDER BY size LIMIT ?2";
constexpr const char* kLastCheckpoint = "SELECT size, at, parts, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1";
// One a minute of a week; the file of checkpoints has them all.
constexpr const char* kForgetCheckpoints =
    "DELETE FROM audit_checkpoint WHERE size <= (SELECT size FROM audit_checkpoint ORDER BY size DESC LIMIT 1 OFFSET "
    "10000)";
constexpr const char* kPutCheckpoint =
    "INSERT INTO audit_checkpoint (size, at, parts, note) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

audit::Entry read_entry(const Row& row) {
    audit::Entry one;
    row.read(one.seq, one.bytes, one.leaf, one.chain);
    return one;
}

AuditCheckpoint read_checkpoint(const Row& row) {
    AuditCheckpoint one;
    row.read(one.size, one.at, one.parts, one.note);
    return one;
}

}  // namespace

AuditReads::AuditReads(Connection& connection)
    : read_(connection, kRead),
      last_(connection, kLast),
      checkpoints_(connection, kCheckpoints),
      last_checkpoint_(connection, kLastCheckpoint) {}

Result<std::vector<audit::Entry>> AuditReads::read(std::int64_t after, std::size_t limit) {
    std::vector<audit::Entry> entries;
    CHECK_OK(read_.each([&](const Row& row) { entries.push_back(read_entry(row)); }, after, limit));
    return entries;
}

Result<std::optional<audit::Entry>> AuditReads::last() {
    std::optional<audit::Entry> last;
    CHECK_OK(last_.first([&](const Row& row) { last = read_entry(row); }));
    return last;
}

Result<std::vector<AuditCheckpoint>> AuditReads::checkpoints(std::uint64_t after, std::size_t limit) {
    std::vector<AuditCheckpoint> rows;
    CHECK_OK(checkpoints_.each([&](const Row& row) { rows.push_back(read_checkpoint(row)); }, after, limit));
    return rows;
}

Result<std::optional<AuditCheckpoint>> AuditReads::last_checkpoint() {
    std::optional<AuditCheckpoint> last;
    CHECK_OK(last_checkpoint_.first([&](const Row& row) { last = read_checkpoint(row); }));
    return last;
}

AuditTable::AuditTable(Connection& connection)
    : AuditReads(connection),
      append_(connection, kAppend),
      put_checkpoint_(connection, kPutCheckpoint),
      forget_checkpoints_(connection, kForgetCheckpoints) {}

Result<std::int64_t> AuditTable::append(std::span<const std::string> entries) {
    if (!known_) {
        TRY(const auto end, last());
        last_seq_ = end ? end->seq : 0;
        last_chain_ = end ? end->chain : audit::Hash{};
        known_ = true;
    }
    const auto first = last_seq_ + 1;
    if (std::ranges::any_of(entries, [](const auto& entry) { return entry.size() > audit::kLongestEntry; }))
        return fail(Fault::bad_input, "an audit entry is at most 64 KB");
    CHECK_OK(append_.run_all(entries.size(), [&](std::size_t i, auto&& with) {
        const auto leaf = audit::leaf_hash(entries[i]);
        last_chain_ = audit::chain_hash(last_chain_, leaf);
        return with(++last_seq_, Blob{entries[i]}, leaf, last_chain_);
    }));
    return first;
}

Result<void> AuditTable::put_checkpoint(const AuditCheckpoint& checkpoint) {
    CHECK_OK(put_checkpoint_.run(checkpoint.size, checkpoint.at, Blob{checkpoint.parts}, checkpoint.note));
    CHECK_OK(forget_checkpoints_.run());
    return {};
}

}  // namespace tributary::store
