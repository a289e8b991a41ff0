// Propagation: what a destination still has to be told about a person whose data it got: a withdrawal, an erasure, a
// correction, a restriction. One task for each (request, destination, external id, purpose, kind). A task ends as
// confirmed, or as unsupported or failed until an operator closes it; none ends by itself and none is removed here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

enum class TaskKind : std::uint8_t { withdraw, erase, rectify, restrict };
enum class TaskState : std::uint8_t {
    pending,      // to be tried when it is due
    sent,         // handed over; the destination has not said that it is done
    confirmed,    // done over there, or closed by an operator who says so in `note`
    unsupported,  // the connector has no action for it: somebody does it by hand
    failed,       // given up; `last_error` says why
};

// The numbers stand in stored rows.
std::string_view name_of(TaskKind kind);
std::string_view name_of(TaskState state);
std::optional<TaskKind> task_kind_named(std::string_view name);
std::optional<TaskState> task_state_named(std::string_view name);

struct NewPropagationTask {
    Uid request;  // the consent event or the subject request that it follows from
    TaskKind kind = TaskKind::withdraw;
    Uid subject, customer;
    std::string destination;
    std::string external_id;  // the person's id over there; empty where there is none
    std::string purpose;      // empty: whatever it was disclosed for
    std::string sealed;       // what the action needs beyond the id, sealed by the caller; gone once confirmed
    Timestamp created_at, next_run_at, due_at;
};

struct PropagationTask {
    std::int64_t id = 0;
    NewPropagationTask task;
    TaskState state = TaskState::pending;
    std::uint32_t attempts = 0;  // claims so far; the fence of settle()
    std::string last_error;      // never with a personal value
    std::string note;            // the operator's, on closing
    std::optional<Timestamp> sent_at, settled_at;

    bool open() const { return state != TaskState::confirmed; }
};

// All that is set must hold.
struct PropagationFilter {
    std::optional<Uid> request, subject;
    std::optional<TaskKind> kind;
    std::optional<TaskState> state;
    std::optional<std::string> destination;
    std::optional<Timestamp> overdue_at;  // not confirmed, and due before this
};

struct PropagationCount {
    std::string destination;
    TaskKind kind = TaskKind::withdraw;
    TaskState state = TaskState::pending;
    std::uint64_t tasks = 0;
};

struct TaskOutcome {
    std::int64_t id = 0;
    std::uint32_t attempts = 0;  // as claimed
    TaskState state = TaskState::confirmed;
    std::string error;
    Timestamp at;
    std::optional<Timestamp> next_run_at;  // of a pending or sent task that is tried again
};

class PropagationView {
  public:
    virtual ~PropagationView() = default;
    // Keyset paging in order of id: pass the last id seen, 0 to begin.
    virtual Result<std::vector<PropagationTask>> list(const PropagationFilter& filter, std::int64_t after,
                                                      std::size_t limit) = 0;
    virtual Result<std::optional<PropagationTask>> get(std::int64_t id) = 0;
    virtual Result<std::vector<PropagationCount>> counts() = 0;
    // When the next one is to be tried; nullopt: none is.
    virtual Result<std::optional<Timestamp>> next_due() = 0;
    // Not confirmed, and due before `at`.
    virtual Result<std::uint64_t> overdue(Timestamp at) = 0;
};

class Propagation : public virtual PropagationView {
  public:
    // How many were new: a task that is known already stays as it is.
    virtual Result<std::uint64_t> put(std::span<const NewPropagationTask> tasks) = 0;
    // Pending and sent tasks whose next_run_at has come, oldest first, hidden from other claims until now + lease.
    virtual Result<std::vector<PropagationTask>> claim(std::size_t limit, Timestamp now, Milliseconds lease) = 0;
    // Fault::conflict when the task was claimed again or closed since: return it, so that the closure is rolled back.
    virtual Result<void> settle(const TaskOutcome& outcome) = 0;
    // An operator says that it is done. Fault::not_found without such a task, Fault::conflict when it is confirmed.
    virtual Result<void> close(std::int64_t id, const std::string& note, Timestamp at) = 0;
    // Tries a failed or unsupported task again, from the first attempt on. Whether it was one.
    virtual Result<bool> reopen(std::int64_t id, Timestamp at) = 0;
};

}  // namespace tributary::store
