// Rules: what in the acts of the audit trail and in the gateway's figures is a sign of a breach, or of something that
// will soon be one (reference/audit.md 5.3). Pure: no clock, no store; it remembers what it was shown.
//
//   rows_read          an actor read more personal rows in an hour than the quota, or than its own habit allows
//   export_off_hours   an export outside the office hours
//   subject_requests   many requests of data subjects from one source in a day
//   decrypt_failures   sealed data that does not open: changed rows, a wrong key
//   canary_read        somebody read a customer that does not exist and that nobody has reason to look at
//   unexpected_host    a connection's credential was about to go to a host or address it has no business with
//   consent_denials    far more refusals by consent in an hour than usual
//   audit_gap          the audit trail lacks entries, or a check of it failed
//   signature_failures webhooks of one connection whose signature does not hold
//   dead_letters       dead letters grow fast
//   overdue            what a destination has to be told waits too long: changes, a withdrawal, an erasure; or a
//                      request of a data subject
//   by_hand            a destination has no action for what it has to be told, or refused it: a person has to do it
//   disk_full          little room is left where the store lies
//   old_snapshot       something holds back the database server from removing rows that are gone, so the queue's tables
//                      grow and become slow
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/record/zone.hpp"
#include "gateway/watch/habit.hpp"

namespace tributary::watch {

// Every rule there is, in the order above.
const std::vector<std::string>& rule_names();

struct Limits {
    std::uint64_t rows_per_hour = 5000;  // of one actor
    std::uint64_t rows_least = 200;      // fewer are never unusual
    std::uint64_t requests_per_day = 10;
    std::uint64_t decrypt_failures_per_minute = 5;
    std::uint64_t denials_least = 100;  // in an hour
    std::uint64_t signature_failures = 20;
    Milliseconds signature_window = std::chrono::minutes(10);
    std::uint64_t dead_letters_per_hour = 100;
    Milliseconds overdue = std::chrono::hours(24);
    double disk_free_least = 0.05;  // of the file system
    Milliseconds old_snapshot = std::chrono::minutes(5);
    std::set<std::string> canaries;  // uids of customers
    record::ZoneRule zone;
    int office_begins = 0, office_ends = 0;  // minutes after midnight in `zone`; the same: every hour is one
    bool weekends = true;                    // Saturday and Sunday are office days
};

// One entry of the audit trail.
struct Act {
    std::int64_t seq = 0;
    Timestamp at;
    std::string actor, action;
    std::map<std::string, std::string> details;

    std::uint64_t number(const std::string& name, std::uint64_t otherwise) const;
};

struct Waiting {
    std::string destination;
    std::optional<Timestamp> oldest;
    bool paused = false;
};

// What somebody has to tell a destination by hand.
struct ByHand {
    std::string destination;
    std::uint64_t tasks = 0;
    Timestamp due;  // of the first
};

// Sums count since the gateway started.
struct Figures {
    Timestamp now;
    std::uint64_t decrypt_failures = 0;
    std::map<std::string, std::uint64_t> signature_failures;  // by connection
    std::uint64_t dead_letters = 0;                           // waiting now
    std::vector<Waiting> waiting;
    std::uint64_t late_requests = 0;  // of subjects, past their legal date
    std::uint64_t untold = 0;  // tasks that are past their time: somebody has to be told of a withdrawal or an erasure
    std::vector<ByHand> by_hand;
    std::uint64_t disk_free = 0, disk_size = 0;  // bytes; size 0: not known
    Milliseconds oldest_snapshot{0};             // of a database server
    std::uint64_t oldest_transactions = 0;       // that began since then; known also where the time is not
    std::uint64_t dead_rows = 0, live_rows = 0;  // in the tables of the queue
    std::string audit_broken;                    // why the newest check of the trail failed; empty: it did not
};

struct Sign {
    std::string rule, subject;
    bool critical = false;
    // The condition lasts, and is raised again while it does; else something happened.
    bool lasting = false;
    std::string what;
};

class Rules {
  public:
    explicit Rules(Limits limits) : limits_(std::move(limits)) {}

    // Acts in order of their numbers. `history`: seen before the last stop, so it forms habits and raises nothing.
    std::vector<Sign> see(const Act& act, bool history = false);
    std::vector<Sign> look(const Figures& figures);

  private:
    // A rule says the same of the same subject at most once in this time.
    static constexpr Milliseconds kAgain = std::chrono::minutes(10);

    void raise(std::vector<Sign>& signs, Timestamp now, Sign sign, bool each = false);
    void read_rows(std::vector<Sign>& signs, const Act& act, bool history);
    void export_hours(std::vector<Sign>& signs, const Act& act);
    void requests(std::vector<Sign>& signs, const Act& act);

    Limits limits_;
    std::int64_t last_seq_ = 0;
    std::map<std::string, Habit> rows_;  // by actor
    Habit denials_;
    std::map<std::string, Window> requests_, signatures_;
    Window decrypts_, letters_;
    std::map<std::pair<std::string, std::string>, Timestamp> raised_;
};

}  // namespace tributary::watch
