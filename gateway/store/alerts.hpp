// Alerts: what the watch found and a person has to look at. One open row for each (rule, subject): what happens again
// is counted there until somebody acknowledges it; after that it opens a new row. No row holds a personal value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

struct NewAlert {
    std::string rule;      // of watch/rules.hpp
    std::string subject;   // which actor, connection or destination; may be empty
    std::string severity;  // warning or critical
    std::string what;      // one sentence with counts
};

struct Alert : NewAlert {
    std::int64_t id = 0;
    Timestamp opened_at, last_at;
    std::uint64_t times = 1;            // raised
    std::optional<Timestamp> told_at;   // the newest message about it went out
    std::optional<Timestamp> acked_at;  // unset: open
    std::string acked_by, note;
};

struct AlertTotal {
    std::string rule;
    std::uint64_t raised = 0, open = 0;
};

class AlertsView {
  public:
    virtual ~AlertsView() = default;
    // Newest first; `before` is the last id seen, 0 to begin.
    virtual Result<std::vector<Alert>> list(bool open_only, std::int64_t before, std::size_t limit) = 0;
    virtual Result<std::optional<Alert>> get(std::int64_t id) = 0;
    virtual Result<std::vector<AlertTotal>> totals() = 0;
    // Open ones of which nobody was told since `before`, oldest first.
    virtual Result<std::vector<Alert>> untold(Timestamp before, std::size_t limit) = 0;
};

class Alerts : public virtual AlertsView {
  public:
    // The row it is counted in. An acknowledged one of the same rule and subject stays quiet when it was acknowledged
    // at or after `quiet_since`: then nullopt, and nothing is kept.
    virtual Result<std::optional<Alert>> raise(const NewAlert& alert, Timestamp now, Timestamp quiet_since) = 0;
    // not_found: there is no such alert. conflict: it was acknowledged before.
    virtual Result<void> acknowledge(std::int64_t id, const std::string& by, const std::string& note,
                                     Timestamp now) = 0;
    virtual Result<void> told(std::int64_t id, Timestamp at) = 0;
    // Removes acknowledged ones that were acknowledged before `before`.
    virtual Result<std::uint64_t> sweep(Timestamp before, std::size_t limit) = 0;
};

}  // namespace tributary::store
