#include "gateway/store/sqlite/audit_table.hpp"

#include "gateway/crypto/digest.hpp"

namespace tributary::store {
namespace {

constexpr const char* kRead = "SELECT seq, entry, leaf, chain FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2";
constexpr const char* kLast = "SELECT seq, entry, leaf, chain FROM audit ORDER BY seq DESC LIMIT 1";
constexpr const char* kChain = "SELECT chain FROM audit WHERE seq = ?1";
constexpr const char* kAppend = "INSERT INTO audit (seq, entry, leaf, chain) VALUES (?1, ?2, ?3, ?4)";

Digest leaf_of(std::string_view entry) {
    std::string bytes(1, '\x00');
    bytes += entry;
    return crypto::sha256(bytes);
}

Digest chain_of(const Digest& previous, const Digest& leaf) {
    std::string bytes(1, '\x01');
    bytes += previous.view();
    bytes += leaf.view();
    return crypto::sha256(bytes);
}

AuditRow read_row(const Row& row) {
    AuditRow one;
    row.read(one.seq, one.entry, one.leaf, one.chain);
    return one;
}

// What is wrong with `row` as the successor of (seq, chain); empty when it fits.
std::string_view flaw_of(const AuditRow& row, std::int64_t seq, const Digest& chain) {
    if (row.seq != seq + 1) return "rows are missing before it";
    if (row.leaf != leaf_of(row.entry)) return "its entry was changed";
    if (row.chain != chain_of(chain, row.leaf)) return "it does not follow from the row before";
    return {};
}

}  // namespace

AuditReads::AuditReads(Connection& connection)
    : read_(connection, kRead), last_(connection, kLast), chain_(connection, kChain) {}

Result<std::vector<AuditRow>> AuditReads::read(std::int64_t after, std::size_t limit) {
    std::vector<AuditRow> rows;
    CHECK_OK(read_.each([&](const Row& row) { rows.push_back(read_row(row)); }, after, limit));
    return rows;
}

Result<std::optional<AuditRow>> AuditReads::last() {
    std::optional<AuditRow> last;
    CHECK_OK(last_.first([&](const Row& row) { last = read_row(row); }));
    return last;
}

Result<AuditCheck> AuditReads::verify(std::int64_t after, std::size_t limit) {
    AuditCheck check;
    Digest chain{};
    if (after > 0) {
        TRY(const bool found, chain_.first([&](const Row& row) { row.read(chain); }, after));
        if (!found) return AuditCheck{.broken_at = after, .reason = "the row is missing"};
    }
    TRY(const auto rows, read(after, limit));
    auto seq = after;
    for (const auto& row : rows) {
        if (const auto flaw = flaw_of(row, seq, chain); !flaw.empty()) {
            check.broken_at = row.seq;
            check.reason = flaw;
            break;
        }
        seq = row.seq;
        chain = row.chain;
        ++check.checked;
    }
    return check;
}

AuditTable::AuditTable(Connection& connection) : AuditReads(connection), append_(connection, kAppend) {}

Result<std::int64_t> AuditTable::append(std::span<const std::string> entries) {
    if (!known_) {
        TRY(const auto end, last());
        last_seq_ = end ? end->seq : 0;
        last_chain_ = end ? end->chain : Digest{};
        known_ = true;
    }
    const auto first = last_seq_ + 1;
    for (const auto& entry : entries) {
        const auto leaf = leaf_of(entry);
        const auto chain = chain_of(last_chain_, leaf);
        CHECK_OK(append_.run(last_seq_ + 1, Blob{entry}, leaf, chain));
        ++last_seq_;
        last_chain_ = chain;
    }
    return first;
}

}  // namespace tributary::store
