#include "gateway/store/sql/attempts_table.hpp"

#include <array>
#include <limits>
#include <string_view>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_ATTEMPT_COLUMNS "id, at, destination, entity, record, customer, op_key, outcome, detail, took"

constexpr const char* kListAttempts =
    "SELECT " TRIBUTARY_ATTEMPT_COLUMNS
    " FROM attempt WHERE id < ?1 AND (?2 IS NULL OR destination = (SELECT id FROM name WHERE text = ?2)) "
    "AND (?3 IS NULL OR record = ?3) ORDER BY id DESC LIMIT ?4";
constexpr const char* kAttemptOfCustomer =
    "SELECT " TRIBUTARY_ATTEMPT_COLUMNS
    " FROM attempt WHERE customer = ?5 AND id < ?1 AND (?2 IS NULL OR destination = "
    "(SELECT id FROM name WHERE text = ?2)) "
    "AND (?3 IS NULL OR record = ?3) ORDER BY id DESC LIMIT ?4";
constexpr const char* kPutAttempt =
    "INSERT INTO attempt (at, destination, entity, record, customer, op_key, outcome, detail, took) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
constexpr const char* kSweepAttempts =
    "DELETE FROM attempt WHERE id IN (SELECT id FROM (SELECT id, at FROM attempt ORDER BY id LIMIT ?2) AS oldest WHERE "
    "at < ?1)";
// Of a server, which keeps them by day: postgres/attempt_days.hpp.
constexpr const char* kSweepDays = "SELECT attempt_sweep(?1, ?2)";

// In the order of ItemEnd.
constexpr std::array<std::string_view, 5> kOutcomes{"delivered", "superseded", "withheld", "buried", "retry"};

Attempt read_attempt(const Row& row) {
    Attempt attempt;
    std::size_t outcome = 0;
    row.read(attempt.id, attempt.at, Named{attempt.destination}, Named{attempt.entity}, attempt.record,
             attempt.customer, attempt.op_key, outcome, attempt.detail, attempt.took);
    if (outcome < kOutcomes.size()) attempt.outcome = kOutcomes[outcome];
    return attempt;
}

}  // namespace

AttemptsReads::AttemptsReads(Connection& connection)
    : list_(connection, kListAttempts), of_customer_(connection, kAttemptOfCustomer) {}

Result<std::vector<Attempt>> AttemptsReads::list(const AttemptFilter& filter, std::int64_t before, std::size_t limit) {
    std::vector<Attempt> attempts;
    const auto use = [&](const Row& row) { attempts.push_back(read_attempt(row)); };
    const auto top = before > 0 ? before : std::numeric_limits<std::int64_t>::max();
    if (filter.customer) {
        CHECK_OK(of_customer_.each(use, top, filter.destination, filter.record, limit, *filter.customer));
    } else {
        CHECK_OK(list_.each(use, top, filter.destination, filter.record, limit));
    }
    return attempts;
}

AttemptsTable::AttemptsTable(Connection& connection)
    : AttemptsReads(connection),
      put_(connection, kPutAttempt),
      by_day_(connection.shared()),
      sweep_(connection, by_day_ ? kSweepDays : kSweepAttempts) {}

Result<void> AttemptsTable::put(std::span<const NewAttempt> attempts) {
    return put_.run_all(attempts.size(), [&](std::size_t i, auto&& with) {
        const auto& attempt = attempts[i];
        return with(attempt.at, attempt.destination, attempt.entity, attempt.record, attempt.customer, attempt.op_key,
                    attempt.outcome, attempt.detail, attempt.took);
    });
}

Result<std::uint64_t> AttemptsTable::sweep(Timestamp before, std::size_t limit) {
    std::uint64_t removed = 0;
    if (by_day_) {
        CHECK_OK(sweep_.first([&](const Row& row) { row.read(removed); }, before, limit));
    } else {
        TRY(const auto changed, sweep_.run(before, limit));
        removed = static_cast<std::uint64_t>(changed);
    }
    return removed;
}

}  // namespace tributary::store
