#include "gateway/store/sql/dead_letters_table.hpp"

#include <fmt/format.h>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_LETTER_COLUMNS                                                                           \
    "id, redriven_at, stage, fault, connection, destination, stream, entity, operation, mapping_version, " \
    "first_failed_at, last_failed_at, attempts, record, customer, subject, op_key, record_key, cause"
// A filter that is not set binds NULL. What is asked for by name is found by the name's id.
#define TRIBUTARY_LETTER_MATCHES                                                    \
    " (redriven_at IS NOT NULL) = ?1"                                               \
    " AND (?2 IS NULL OR stage = (SELECT id FROM name WHERE text = ?2))"            \
    " AND (?3 IS NULL OR connection = (SELECT id FROM name WHERE text = ?3))"       \
    " AND (?4 IS NULL OR destination = (SELECT id FROM name WHERE text = ?4))"      \
    " AND (?5 IS NULL OR entity = (SELECT id FROM name WHERE text = ?5))"           \
    " AND (?6 IS NULL OR mapping_version = (SELECT id FROM name WHERE text = ?6))"  \
    " AND (?7 IS NULL OR instr(cause, ?7) > 0) AND (?8 IS NULL OR record = ?8)"     \
    " AND (?9 IS NULL OR customer = ?9) AND (?10 IS NULL OR last_failed_at >= ?10)" \
    " AND (?11 IS NULL OR last_failed_at < ?11)"

constexpr const char* kListDeadLetters =
    "SELECT " TRIBUTARY_LETTER_COLUMNS " FROM dead_letter WHERE" TRIBUTARY_LETTER_MATCHES
    " AND id > ?12 ORDER BY id LIMIT ?13";
constexpr const char* kListPayloads =
    "SELECT " TRIBUTARY_LETTER_COLUMNS ", clear, sealed FROM dead_letter WHERE" TRIBUTARY_LETTER_MATCHES
    " AND id > ?12 ORDER BY id LIMIT ?13";
constexpr const char* kGet = "SELECT " TRIBUTARY_LETTER_COLUMNS ", clear, sealed FROM dead_letter WHERE id = ?1";
constexpr const char* kCountDeadLetters = "SELECT count(*) FROM dead_letter WHERE" TRIBUTARY_LETTER_MATCHES;
constexpr const char* kDeadLetterCounts =
    "SELECT stage, connection, destination, count(*) FROM dead_letter WHERE redriven_at IS NULL "
    "GROUP BY destination, connection, stage";
constexpr const char* kOpen = "SELECT count(*) FROM dead_letter WHERE redriven_at IS NULL";
constexpr const char* kInsertDeadLetter =
    "INSERT INTO dead_letter (stage, fault, connection, destination, stream, entity, operation, mapping_version, "
    "first_failed_at, last_failed_at, attempts, record, customer, subject, op_key, record_key, cause, clear, sealed) "
    "VALUES "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) RETURNING id";
constexpr const char* kMarkDeadLetter = "UPDATE dead_letter SET redriven_at = ?2 WHERE id = ?1 AND redriven_at IS NULL";
constexpr const char* kRemoveDeadLetter = "DELETE FROM dead_letter WHERE id = ?1";
constexpr const char* kSweepDeadLetters =
    "DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE redriven_at IS NOT NULL AND redriven_at < "
    "?1 LIMIT ?2)";

constexpr int kClearColumn = 19;

DeadLetter read_letter(const Row& row, bool with_payload) {
    DeadLetter letter;
    int fault = 0;
    row.read(letter.id, letter.redriven_at, Named{letter.stage}, fault, Named{letter.connection},
             Named{letter.destination}, Named{letter.stream}, Named{letter.entity}, Named{letter.operation},
             Named{letter.mapping_version}, letter.first_failed_at, letter.last_failed_at, letter.attempts,
             letter.record, letter.customer, letter.subject, letter.op_key, letter.record_key, letter.cause);
    letter.fault = static_cast<Fault>(fault);
    if (with_payload) {
        letter.clear = row.bytes(kClearColumn);
        letter.sealed = row.bytes(kClearColumn + 1);
    }
    return letter;
}

// Hands the filter's members to a statement as its first arguments.
template <class Use>
auto with(const DeadLetterFilter& filter, Use&& use) {
    return use(filter.redriven, filter.stage, filter.connection, filter.destination, filter.entity,
               filter.mapping_version, filter.cause_contains, filter.record, filter.customer, filter.failed_since,
               filter.failed_before);
}

}  // namespace

DeadLettersReads::DeadLettersReads(Connection& connection, DeadLetterLimits limits)
    : connection_(connection),
      limits_(limits),
      list_(connection, kListDeadLetters),
      payloads_(connection, kListPayloads),
      get_(connection, kGet),
      count_(connection, kCountDeadLetters),
      counts_(connection, kDeadLetterCounts),
      open_(connection, kOpen) {}

Result<std::vector<DeadLetter>> DeadLettersReads::list(const DeadLetterFilter& filter, std::int64_t after,
                                                       std::size_t limit, bool with_payload) {
    std::vector<DeadLetter> letters;
    auto& statement = with_payload ? payloads_ : list_;
    const auto use = [&](const Row& row) { letters.push_back(read_letter(row, with_payload)); };
    CHECK_OK(with(filter, [&](const auto&... members) { return statement.each(use, members..., after, limit); }));
    return letters;
}

Result<std::optional<DeadLetter>> DeadLettersReads::get(std::int64_t id) {
    std::optional<DeadLetter> letter;
    CHECK_OK(get_.first([&](const Row& row) { letter = read_letter(row, true); }, id));
    return letter;
}

Result<std::uint64_t> DeadLettersReads::count(const DeadLetterFilter& filter) {
    std::uint64_t count = 0;
    const auto use = [&](const Row& row) { row.read(count); };
    CHECK_OK(with(filter, [&](const auto&... members) { return count_.first(use, members...); }));
    return count;
}

Result<std::vector<DeadLetterCount>> DeadLettersReads::counts() {
    std::vector<DeadLetterCount> counts;
    CHECK_OK(counts_.each([&](const Row& row) {
        auto& one = counts.emplace_back();
        row.read(Named{one.stage}, Named{one.connection}, Named{one.destination}, one.letters);
    }));
    return counts;
}

Result<std::uint64_t> DeadLettersReads::open_letters() {
    std::uint64_t letters = 0;
    CHECK_OK(open_.first([&](const Row& row) { row.read(letters); }));
    return letters;
}

Result<DeadLetterRoom> DeadLettersReads::room() {
    TRY(const auto letters, open_letters());
    return DeadLetterRoom{.letters = letters, .limit = limits_.refuse_at, .alert = letters >= limits_.alert_at};
}

DeadLettersTable::DeadLettersTable(Connection& connection, CountersTable& counters, DeadLetterLimits limits)
    : DeadLettersReads(connection, limits),
      counters_(counters),
      insert_(connection, kInsertDeadLetter),
      mark_(connection, kMarkDeadLetter),
      remove_(connection, kRemoveDeadLetter),
      sweep_(connection, kSweepDeadLetters) {}

Result<bool> DeadLettersTable::has_room(std::size_t letters) {
    if (!known_) {
        TRY(known_, open_letters());
    }
    return *known_ + letters <= limits_.refuse_at;
}

Result<std::int64_t> DeadLettersTable::insert(const NewDeadLetter& letter) {
    auto& names = connection_.names();
    TRY(const auto stage, names.id(letter.stage));
    TRY(const auto connection, names.id(letter.connection));
    TRY(const auto destination, names.id(letter.destination));
    TRY(const auto stream, names.id(letter.stream));
    TRY(const auto entity, names.id(letter.entity));
    TRY(const auto operation, names.id(letter.operation));
    TRY(const auto mapping, names.id(letter.mapping_version));
    std::int64_t id = 0;
    CHECK_OK(insert_.first([&](const Row& row) { row.read(id); }, stage, static_cast<int>(letter.fault), connection,
                           destination, stream, entity, operation, mapping, letter.first_failed_at,
                           letter.last_failed_at, letter.attempts, letter.record, letter.customer, letter.subject,
                           letter.op_key, letter.record_key, letter.cause, letter.clear, Blob{letter.sealed}));
    const bool dead = !letter.destination.empty();
    CHECK_OK(counters_.count(dead ? Counter::dead : Counter::quarantined, dead ? letter.destination : letter.connection,
                             dead ? std::string() : letter.stream, 1));
    return id;
}

Result<std::vector<std::int64_t>> DeadLettersTable::put(std::span<const NewDeadLetter> letters) {
    TRY(const bool room, has_room(letters.size()));
    if (!room) {
        return fail(Fault::transient,
                    fmt::format("the dead letters are at their limit of {}: redrive or drop some, the record "
                                "waits where it is",
                                limits_.refuse_at));
    }
    std::vector<std::int64_t> ids;
    ids.reserve(letters.size());
    for (const auto& letter : letters) {
        TRY(const auto id, insert(letter));
        ids.push_back(id);
    }
    *known_ += letters.size();
    return ids;
}

Result<std::uint64_t> DeadLettersTable::mark_redriven(std::span<const std::int64_t> ids, Timestamp at) {
    std::uint64_t marked = 0;
    for (const auto id : ids) {
        TRY(const auto changed, mark_.run(id, at));
        marked += static_cast<std::uint64_t>(changed);
    }
    known_.reset();
    return marked;
}

Result<std::uint64_t> DeadLettersTable::remove(std::span<const std::int64_t> ids) {
    std::uint64_t removed = 0;
    for (const auto id : ids) {
        TRY(const auto changed, remove_.run(id));
        removed += static_cast<std::uint64_t>(changed);
    }
    known_.reset();
    return removed;
}

Result<std::uint64_t> DeadLettersTable::sweep(Timestamp before, std::size_t limit) {
    TRY(const auto removed, sweep_.run(before, limit));
    return static_cast<std::uint64_t>(removed);
}

}  // namespace tributary::store
