#include "gateway/watch/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gateway/base/text.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::watch {
namespace {

// A gateway under load begins some hundred transactions a second.
constexpr std::uint64_t kManyTransactions = 1'000'000, kManyDeadRows = 200'000;

constexpr Milliseconds kMinute = std::chrono::minutes(1), kHour = std::chrono::hours(1), kDay = std::chrono::days(1);

std::string in_hours(Milliseconds span) {
    return fmt::format("{} h", std::chrono::duration_cast<std::chrono::hours>(span).count());
}

}  // namespace

const std::vector<std::string>& rule_names() {
    static const std::vector<std::string> names{
        "rows_read",       "export_off_hours", "subject_requests", "decrypt_failures",   "canary_read",
        "unexpected_host", "consent_denials",  "audit_gap",        "signature_failures", "dead_letters",
        "overdue",         "by_hand",          "disk_full",        "old_snapshot"};
    return names;
}

std::uint64_t Act::number(const std::string& name, std::uint64_t otherwise) const {
    const auto found = details.find(name);
    if (found == details.end()) return otherwise;
    return static_cast<std::uint64_t>(std::max(0LL, to_integer(found->second).value_or(0)));
}

void Rules::raise(std::vector<Sign>& signs, Timestamp now, Sign sign, bool each) {
    auto& last = raised_[{sign.rule, sign.subject}];
    if (!each && last != Timestamp{} && now - last < kAgain && now >= last) return;
    last = now;
    signs.push_back(std::move(sign));
}

void Rules::read_rows(std::vector<Sign>& signs, const Act& act, bool history) {
    if (!act.action.ends_with(".read") && !act.action.ends_with(".export")) return;
    auto& habit = rows_[act.actor];
    habit.add(act.at, act.number("rows", 1));
    if (history) return;
    const auto rows = habit.of_hour(act.at);
    const auto usual = habit.usual(act.at);
    if (rows > limits_.rows_per_hour)
        raise(signs, act.at,
              {"rows_read", act.actor, true, false,
               fmt::format("{} rows were read within the hour, the quota is {}", rows, limits_.rows_per_hour)});
    else if (usual && rows > limits_.rows_least && static_cast<double>(rows) > *usual)
        raise(signs, act.at,
              {"rows_read", act.actor, false, false,
               fmt::format("{} rows were read within the hour, up to {:.0f} are usual", rows, std::ceil(*usual))});
}

void Rules::export_hours(std::vector<Sign>& signs, const Act& act) {
    if (!act.action.ends_with(".export") || limits_.office_begins == limits_.office_ends) return;
    const auto local = limits_.zone.to_local(act.at);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const auto minute = std::chrono::duration_cast<std::chrono::minutes>(local - day).count();
    const auto weekday = std::chrono::weekday(std::chrono::sys_days(day.time_since_epoch()));
    const bool works = limits_.weekends || (weekday != std::chrono::Saturday && weekday != std::chrono::Sunday);
    if (works && minute >= limits_.office_begins && minute < limits_.office_ends) return;
    raise(signs, act.at,
          {"export_off_hours", act.actor, false, false, fmt::format("{} outside the office hours", act.action)});
}

void Rules::requests(std::vector<Sign>& signs, const Act& act) {
    if (act.action != "subject.request") return;
    const auto named = act.details.find("source");
    const auto& source = named == act.details.end() ? act.actor : named->second;
    auto& window = requests_[source];
    window.add(act.at, 1);
    if (const auto count = window.within(act.at, kDay); count > limits_.requests_per_day)
        raise(
            signs, act.at,
            {"subject_requests", source, false, false,
             fmt::format("{} requests of data subjects within a day, more than {}", count, limits_.requests_per_day)});
}

std::vector<Sign> Rules::see(const Act& act, bool history) {
    std::vector<Sign> signs;
    if (last_seq_ != 0 && act.seq != last_seq_ + 1)
        raise(signs, act.at,
              {"audit_gap", "", true, false,
               fmt::format("after entry {} of the audit trail comes {}", last_seq_, act.seq)});
    last_seq_ = act.seq;
    read_rows(signs, act, history);
    if (act.action == "consent.deny" || act.action == "consent.hold") {
        denials_.add(act.at, act.number("records", 1));
        const auto count = denials_.of_hour(act.at);
        // Until habits are known, only what is far beyond any habit.
        const auto limit = std::max(static_cast<double>(limits_.denials_least),
                                    denials_.usual(act.at).value_or(10.0 * static_cast<double>(limits_.denials_least)));
        if (!history && static_cast<double>(count) > limit)
            raise(signs, act.at,
                  {"consent_denials", "", false, false,
                   fmt::format("consent kept back {} records within the hour, up to {:.0f} are usual", count, limit)});
    }
    if (history) {
        std::vector<Sign> ignored;
        requests(ignored, act);
        raised_.clear();
        return {};
    }
    export_hours(signs, act);
    requests(signs, act);
    const auto customer = act.details.find("customer");
    if (act.action.ends_with(".read") && customer != act.details.end() && limits_.canaries.contains(customer->second))
        raise(signs, act.at,
              {"canary_read", act.actor, true, false,
               fmt::format("{} of canary customer {}", act.action, customer->second)},
              true);
    if (act.action == "egress.block") {
        const auto connection = act.details.find("connection");
        const auto host = act.details.find("host");
        raise(signs, act.at,
              {"unexpected_host", connection == act.details.end() ? "" : connection->second, true, false,
               fmt::format("{} requests to {} were blocked", act.number("count", 1),
                           host == act.details.end() ? "a host" : host->second)});
    }
    return signs;
}

std::vector<Sign> Rules::look(const Figures& now) {
    std::vector<Sign> signs;
    decrypts_.grown_to(now.now, now.decrypt_failures);
    if (const auto count = decrypts_.within(now.now, kMinute); count > limits_.decrypt_failures_per_minute)
        raise(
            signs, now.now,
            {"decrypt_failures", "", true, false, fmt::format("{} sealed values did not open within a minute", count)});
    for (const auto& [connection, figure] : now.signature_failures) {
        const auto known = signatures_.contains(connection);
        auto& window = signatures_[connection];
        if (!known) window.grown_to(now.now, 0);  // the gateway's counts begin at 0
        window.grown_to(now.now, figure);
        if (const auto count = window.within(now.now, limits_.signature_window); count > limits_.signature_failures)
            raise(signs, now.now,
                  {"signature_failures", connection, false, false,
                   fmt::format("the signature of {} webhooks did not hold within {} min", count,
                               std::chrono::duration_cast<std::chrono::minutes>(limits_.signature_window).count())});
    }
    letters_.grown_to(now.now, now.dead_letters);
    if (const auto count = letters_.within(now.now, kHour); count > limits_.dead_letters_per_hour)
        raise(signs, now.now,
              {"dead_letters", "", false, true, fmt::format("{} new dead letters within an hour", count)});
    for (const auto& one : now.waiting)
        if (one.oldest && now.now - *one.oldest > limits_.overdue)
            raise(signs, now.now,
                  {"overdue", one.destination, false, true,
                   fmt::format("the oldest change waits for {}{}", in_hours(now.now - *one.oldest),
                               one.paused ? ": the destination is paused" : "")});
    if (now.late_requests > 0)
        raise(signs, now.now,
              {"overdue", "requests of subjects", true, true,
               fmt::format("{} are past their legal date: `tributary subject list --overdue`", now.late_requests)});
    if (now.untold > 0)
        raise(signs, now.now,
              {"overdue", "withdrawals and erasures", false, true,
               fmt::format("{} destinations were not told in time: `tributary consent tasks --overdue`", now.untold)});
    for (const auto& one : now.by_hand)
        raise(signs, now.now,
              {"by_hand", one.destination, false, true,
               fmt::format("{} withdrawals and erasures have to be told by hand, the first by {}: `tributary consent "
                           "tasks --destination {}`, then `tributary consent task-done`",
                           one.tasks, record::timestamp_text(one.due).substr(0, 10), one.destination)});
    if (now.disk_size > 0 &&
        static_cast<double>(now.disk_free) < limits_.disk_free_least * static_cast<double>(now.disk_size))
        raise(signs, now.now,
              {"disk_full", "", true, true,
               fmt::format("{} MB are free where the store lies, {:.1f} %", now.disk_free >> 20,
                           100.0 * static_cast<double>(now.disk_free) / static_cast<double>(now.disk_size))});
    if (now.oldest_snapshot > limits_.old_snapshot || now.oldest_transactions > kManyTransactions)
        raise(signs, now.now,
              {"old_snapshot", "", false, true,
               fmt::format("a session of the database is inside a transaction for {} s, {} others began since",
                           std::chrono::duration_cast<std::chrono::seconds>(now.oldest_snapshot).count(),
                           now.oldest_transactions)});
    if (now.dead_rows > kManyDeadRows && now.dead_rows > 10 * now.live_rows)
        raise(signs, now.now,
              {"old_snapshot", "dead rows", false, true,
               fmt::format("the tables of the queue hold {} rows that are gone beside {} that are not", now.dead_rows,
                           now.live_rows)});
    if (!now.audit_broken.empty()) raise(signs, now.now, {"audit_gap", "", true, true, now.audit_broken});
    return signs;
}

}  // namespace tributary::watch
