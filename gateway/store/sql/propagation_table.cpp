#include "gateway/store/sql/propagation_table.hpp"

#include <fmt/format.h>

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

// 0 pending, 1 sent, 2 confirmed, 3 unsupported, 4 failed. next_run_at is NULL for what nobody tries again.
#define TRIBUTARY_TASK_COLUMNS                                                                                   \
    "id, request, kind, subject, customer, destination, external_id, purpose, sealed, created_at, next_run_at, " \
    "due_at, state, attempts, error, note, sent_at, settled_at"

constexpr const char* kListTasks =
    "SELECT " TRIBUTARY_TASK_COLUMNS
    " FROM propagation WHERE id > ?1 AND (?2 IS NULL OR request = ?2) AND (?3 IS NULL OR subject = ?3) AND "
    "(?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR state = ?5) AND "
    "(?6 IS NULL OR destination = (SELECT id FROM name WHERE text = ?6)) AND "
    "(?7 IS NULL OR (state <> 2 AND due_at < ?7)) ORDER BY id LIMIT ?8";
constexpr const char* kGetTask = "SELECT " TRIBUTARY_TASK_COLUMNS " FROM propagation WHERE id = ?1";
constexpr const char* kTaskCounts =
    "SELECT destination, kind, state, count(*) FROM propagation GROUP BY destination, kind, state";
constexpr const char* kNextTaskDue = "SELECT min(next_run_at) FROM propagation WHERE next_run_at IS NOT NULL";
constexpr const char* kOverdueTasks = "SELECT count(*) FROM propagation WHERE state <> 2 AND due_at < ?1";
constexpr const char* kInsertTask =
    "INSERT INTO propagation (request, kind, subject, customer, destination, external_id, purpose, state, "
    "attempts, created_at, next_run_at, due_at, error, note, sealed) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8, ?9, ?10, '', '', ?11) ON CONFLICT DO NOTHING";
constexpr const char* kReadyTasks =
    "SELECT id FROM propagation WHERE next_run_at <= ?1 ORDER BY next_run_at, id LIMIT ?2";
constexpr const char* kLeaseTask =
    "UPDATE propagation SET next_run_at = ?2, attempts = attempts + 1 WHERE id = ?1 RETURNING " TRIBUTARY_TASK_COLUMNS;
constexpr const char* kSettleTask =
    "UPDATE propagation SET state = ?3, error = ?4, next_run_at = ?6, "
    "sent_at = CASE WHEN CAST(?3 AS INTEGER) IN (1, 2) THEN coalesce(sent_at, ?5) ELSE sent_at END, "
    "settled_at = CASE WHEN CAST(?3 AS INTEGER) IN (0, 1) THEN NULL ELSE ?5 END, sealed = CASE WHEN CAST(?3 AS "
    "INTEGER) = 2 THEN x'' ELSE sealed END "
    "WHERE id = ?1 AND attempts = ?2 AND state IN (0, 1)";
constexpr const char* kCloseTask =
    "UPDATE propagation SET state = 2, note = ?2, settled_at = ?3, next_run_at = NULL, sealed = x'' "
    "WHERE id = ?1 AND state <> 2";
constexpr const char* kReopenTask =
    "UPDATE propagation SET state = 0, attempts = 0, next_run_at = ?2, settled_at = NULL WHERE id = ?1 AND state IN "
    "(3, 4)";

PropagationTask read_task(const Row& row) {
    PropagationTask one;
    auto& task = one.task;
    int kind = 0, state = 0;
    std::optional<Timestamp> next;
    row.read(one.id, task.request, kind, task.subject, task.customer, Named{task.destination}, task.external_id,
             Named{task.purpose}, task.sealed, task.created_at, next, task.due_at, state, one.attempts, one.last_error,
             one.note, one.sent_at, one.settled_at);
    task.kind = static_cast<TaskKind>(kind);
    one.state = static_cast<TaskState>(state);
    task.next_run_at = next.value_or(task.created_at);
    return one;
}

template <class E>
std::optional<int> number(const std::optional<E>& value) {
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

}  // namespace

PropagationReads::PropagationReads(Connection& connection)
    : connection_(connection),
      list_(connection, kListTasks),
      get_(connection, kGetTask),
      counts_(connection, kTaskCounts),
      next_due_(connection, kNextTaskDue),
      overdue_(connection, kOverdueTasks) {}

Result<std::vector<PropagationTask>> PropagationReads::list(const PropagationFilter& filter, std::int64_t after,
                                                            std::size_t limit) {
    std::vector<PropagationTask> tasks;
    CHECK_OK(list_.each([&](const Row& row) { tasks.push_back(read_task(row)); }, after, filter.request, filter.subject,
                        number(filter.kind), number(filter.state), filter.destination, filter.overdue_at, limit));
    return tasks;
}

Result<std::optional<PropagationTask>> PropagationReads::get(std::int64_t id) {
    std::optional<PropagationTask> task;
    CHECK_OK(get_.first([&](const Row& row) { task = read_task(row); }, id));
    return task;
}

Result<std::vector<PropagationCount>> PropagationReads::counts() {
    std::vector<PropagationCount> counts;
    CHECK_OK(counts_.each([&](const Row& row) {
        auto& one = counts.emplace_back();
        int kind = 0, state = 0;
        row.read(Named{one.destination}, kind, state, one.tasks);
        one.kind = static_cast<TaskKind>(kind);
        one.state = static_cast<TaskState>(state);
    }));
    return counts;
}

Result<std::optional<Timestamp>> PropagationReads::next_due() {
    std::optional<Timestamp> due;
    CHECK_OK(next_due_.first([&](const Row& row) { row.read(due); }));
    return due;
}

Result<std::uint64_t> PropagationReads::overdue(Timestamp at) {
    std::uint64_t tasks = 0;
    CHECK_OK(overdue_.first([&](const Row& row) { row.read(tasks); }, at));
    return tasks;
}

PropagationTable::PropagationTable(Connection& connection)
    : PropagationReads(connection),
      insert_(connection, kInsertTask),
      ready_(connection, kReadyTasks),
      lease_(connection, kLeaseTask),
      settle_(connection, kSettleTask),
      close_(connection, kCloseTask),
      reopen_(connection, kReopenTask),
      retired_(connection) {}

Result<std::uint64_t> PropagationTable::put(std::span<const NewPropagationTask> tasks) {
    std::uint64_t added = 0;
    for (const auto& task : tasks) {
        CHECK_OK(retired_.refuse(task.sealed, "task for " + task.destination));
        TRY(const auto destination, connection_.names().id(task.destination));
        TRY(const auto purpose, connection_.names().id(task.purpose));
        TRY(const auto rows,
            insert_.run(task.request, static_cast<int>(task.kind), task.subject, task.customer, destination,
                        task.external_id, purpose, task.created_at, task.next_run_at, task.due_at, Blob{task.sealed}));
        added += static_cast<std::uint64_t>(rows);
    }
    return added;
}

Result<std::vector<PropagationTask>> PropagationTable::claim(std::size_t limit, Timestamp now, Milliseconds lease) {
    std::vector<std::int64_t> ready;
    CHECK_OK(ready_.each([&](const Row& row) { ready.push_back(row.integer(0)); }, now, limit));
    std::vector<PropagationTask> claimed;
    claimed.reserve(ready.size());
    for (const auto id : ready)
        CHECK_OK(lease_.first([&](const Row& row) { claimed.push_back(read_task(row)); }, id, now + lease));
    return claimed;
}

Result<void> PropagationTable::settle(const TaskOutcome& outcome) {
    TRY(const auto settled, settle_.run(outcome.id, outcome.attempts, static_cast<int>(outcome.state), outcome.error,
                                        outcome.at, outcome.next_run_at));
    if (settled == 0)
        return fail(Fault::conflict, fmt::format("task {} was claimed again or closed in the meantime", outcome.id));
    return {};
}

Result<void> PropagationTable::close(std::int64_t id, const std::string& note, Timestamp at) {
    TRY(const auto closed, close_.run(id, note, at));
    if (closed > 0) return {};
    TRY(const auto found, get(id));
    if (!found) return fail(Fault::not_found, fmt::format("there is no task {}", id));
    return fail(Fault::conflict, fmt::format("task {} is confirmed already", id));
}

Result<bool> PropagationTable::reopen(std::int64_t id, Timestamp at) {
    TRY(const auto reopened, reopen_.run(id, at));
    return reopened > 0;
}

}  // namespace tributary::store
