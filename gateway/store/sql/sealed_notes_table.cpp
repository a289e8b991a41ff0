#include "gateway/store/sql/sealed_notes_table.hpp"

#include "gateway/base/text.hpp"
#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

// A sealed value names its key in bytes 5 to 20 (crypto/aead.hpp).
constexpr const char* kNotes =
    "SELECT 0, CAST(name AS BLOB), totp FROM account WHERE substr(totp, 5, 16) = ?1 "
    "UNION ALL SELECT 1, CAST(name AS BLOB), totp_next FROM account WHERE substr(totp_next, 5, 16) = ?1 "
    "UNION ALL SELECT 2, CAST(id AS BLOB), arguments FROM approval WHERE substr(arguments, 5, 16) = ?1 "
    "UNION ALL SELECT 3, key, answer FROM idempotency WHERE substr(answer, 5, 16) = ?1 LIMIT ?2";
constexpr const char* kReaches =
    "SELECT CAST(id AS TEXT), request, destination, sealed FROM propagation WHERE substr(sealed, 5, 16) = ?1 LIMIT ?2";
constexpr const char* kCountNotes =
    "SELECT (SELECT count(*) FROM account WHERE substr(totp, 5, 16) = ?1) + "
    "(SELECT count(*) FROM account WHERE substr(totp_next, 5, 16) = ?1) + "
    "(SELECT count(*) FROM approval WHERE substr(arguments, 5, 16) = ?1) + "
    "(SELECT count(*) FROM idempotency WHERE substr(answer, 5, 16) = ?1) + "
    "(SELECT count(*) FROM propagation WHERE substr(sealed, 5, 16) = ?1)";

}  // namespace

SealedNotesReads::SealedNotesReads(Connection& connection)
    : notes_(connection, kNotes), reaches_(connection, kReaches), count_(connection, kCountNotes) {}

Result<std::vector<SealedNote>> SealedNotesReads::sealed_with(const Uid& key, std::size_t limit) {
    std::vector<SealedNote> notes;
    CHECK_OK(notes_.each(
        [&](const Row& row) {
            auto& note = notes.emplace_back();
            int kind = 0;
            row.read(kind, note.row, note.sealed);
            note.kind = static_cast<NoteKind>(kind);
        },
        key, limit));
    CHECK_OK(reaches_.each(
        [&](const Row& row) {
            auto& note = notes.emplace_back();
            note.kind = NoteKind::reach;
            row.read(note.row, note.request, Named{note.destination}, note.sealed);
        },
        key, limit));
    return notes;
}

Result<std::uint64_t> SealedNotesReads::count_sealed_with(const Uid& key) {
    std::uint64_t count = 0;
    CHECK_OK(count_.first([&](const Row& row) { row.read(count); }, key));
    return count;
}

SealedNotesTable::SealedNotesTable(Connection& connection)
    : SealedNotesReads(connection),
      totp_(connection, "UPDATE account SET totp = ?3 WHERE name = ?1 AND totp = ?2"),
      totp_next_(connection, "UPDATE account SET totp_next = ?3 WHERE name = ?1 AND totp_next = ?2"),
      approval_(connection, "UPDATE approval SET arguments = ?3 WHERE id = ?1 AND arguments = ?2"),
      answer_(connection, "UPDATE idempotency SET answer = ?3 WHERE key = ?1 AND answer = ?2"),
      reach_(connection, "UPDATE propagation SET sealed = ?3 WHERE id = ?1 AND sealed = ?2") {}

Result<bool> SealedNotesTable::reseal(const SealedNote& read, std::string_view sealed) {
    const Blob before{read.sealed}, after{sealed};
    std::int64_t changed = 0;
    switch (read.kind) {
        case NoteKind::totp: {
            TRY(changed, totp_.run(read.row, before, after));
            break;
        }
        case NoteKind::totp_next: {
            TRY(changed, totp_next_.run(read.row, before, after));
            break;
        }
        case NoteKind::approval: {
            TRY(changed, approval_.run(read.row, before, after));
            break;
        }
        case NoteKind::answer: {
            TRY(changed, answer_.run(Blob{read.row}, before, after));
            break;
        }
        case NoteKind::reach: {
            TRY(changed, reach_.run(to_integer(read.row).value_or(0), before, after));
            break;
        }
    }
    return changed > 0;
}

}  // namespace tributary::store
