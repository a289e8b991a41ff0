#include "gateway/store/sql/erasures_table.hpp"

namespace tributary::store {
namespace {

constexpr const char* kErasedSubject =
    "SELECT at, readmitted FROM erasure WHERE subject = ?1 ORDER BY seq DESC LIMIT 1";
constexpr const char* kErasedKey =
    "SELECT e.at, e.readmitted FROM erasure_key k JOIN erasure e ON e.seq = k.erasure WHERE k.key = ?1 "
    "ORDER BY k.erasure DESC LIMIT 1";
constexpr const char* kLastErasure = "SELECT coalesce(max(seq), 0) FROM erasure";
constexpr const char* kErasuresAfter =
    "SELECT seq, request, subject, readmitted, at FROM erasure WHERE seq > ?1 ORDER BY seq LIMIT ?2";
constexpr const char* kKeysOfErasure = "SELECT key FROM erasure_key WHERE erasure = ?1 ORDER BY key";
constexpr const char* kPutErasure =
    "INSERT INTO erasure (request, subject, readmitted, at) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (subject, request, readmitted) DO NOTHING RETURNING seq";
constexpr const char* kPutErasedKey = "INSERT INTO erasure_key (key, erasure) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

// The newest row about it counts.
template <class Key>
Result<std::vector<std::optional<Timestamp>>> erased_since(Statement& statement, std::span<const Key> asked) {
    std::vector<std::optional<Timestamp>> since(asked.size());
    CHECK_OK(statement.each_for(asked, [&](std::size_t i, const Row& row) {
        Timestamp at;
        bool readmitted = false;
        row.read(at, readmitted);
        if (!readmitted) since[i] = at;
    }));
    return since;
}

}  // namespace

ErasuresReads::ErasuresReads(Connection& connection)
    : subject_(connection, kErasedSubject),
      key_(connection, kErasedKey),
      last_(connection, kLastErasure),
      list_(connection, kErasuresAfter),
      keys_(connection, kKeysOfErasure) {}

Result<std::vector<std::optional<Timestamp>>> ErasuresReads::contains(std::span<const Uid> subjects) {
    return erased_since(subject_, subjects);
}

Result<std::vector<std::optional<Timestamp>>> ErasuresReads::contains_keys(std::span<const Digest> keys) {
    return erased_since(key_, keys);
}

Result<std::int64_t> ErasuresReads::last() {
    std::int64_t seq = 0;
    CHECK_OK(last_.first([&](const Row& row) { row.read(seq); }));
    return seq;
}

Result<std::vector<Erasure>> ErasuresReads::after(std::int64_t seq, std::size_t limit) {
    std::vector<Erasure> erasures;
    CHECK_OK(list_.each(
        [&](const Row& row) {
            auto& one = erasures.emplace_back();
            row.read(one.seq, one.request, one.subject, one.readmitted, one.at);
        },
        seq, limit));
    for (auto& one : erasures)
        CHECK_OK(keys_.each([&](const Row& row) { row.read(one.keys.emplace_back()); }, one.seq));
    return erasures;
}

ErasuresTable::ErasuresTable(Connection& connection)
    : ErasuresReads(connection), put_(connection, kPutErasure), put_key_(connection, kPutErasedKey) {}

Result<std::uint64_t> ErasuresTable::add(std::span<const Erasure> erasures) {
    std::uint64_t fresh = 0;
    for (const auto& one : erasures) {
        std::int64_t seq = 0;
        TRY(const bool added,
            put_.first([&](const Row& row) { row.read(seq); }, one.request, one.subject, one.readmitted, one.at));
        if (!added) continue;
        ++fresh;
        for (const auto& key : one.keys) CHECK_OK(put_key_.run(key, seq));
    }
    return fresh;
}

}  // namespace tributary::store
