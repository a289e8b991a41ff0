#include "gateway/store/sql/watch_tables.hpp"

#define ALERT_COLUMNS \
    "id, rule, subject, severity, what, opened_at, last_at, times, told_at, acked_at, acked_by, note FROM alert "

namespace tributary::store {
namespace {

constexpr const char* kListAlerts =
    "SELECT " ALERT_COLUMNS "WHERE (?1 = 0 OR acked_at IS NULL) AND (?2 = 0 OR id < ?2) ORDER BY id DESC LIMIT ?3";
constexpr const char* kGetAlert = "SELECT " ALERT_COLUMNS "WHERE id = ?1";
constexpr const char* kAlertTotals =
    "SELECT t.rule, t.raised, (SELECT count(*) FROM alert a WHERE a.rule = t.rule AND a.acked_at IS NULL) "
    "FROM alert_total t ORDER BY t.rule";
constexpr const char* kUntold = "SELECT " ALERT_COLUMNS
                                "WHERE acked_at IS NULL AND (told_at IS NULL OR (told_at <= ?1 AND last_at > told_at)) "
                                "ORDER BY id LIMIT ?2";
constexpr const char* kNewestAlert =
    "SELECT " ALERT_COLUMNS "WHERE rule = ?1 AND subject = ?2 ORDER BY id DESC LIMIT 1";
constexpr const char* kInsertAlert =
    "INSERT INTO alert (rule, subject, severity, what, opened_at, last_at, times, acked_by, note) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, '', '')";
constexpr const char* kAgainAlert =
    "UPDATE alert SET times = times + 1, last_at = ?2, what = ?3, severity = ?4 WHERE id = ?1";
constexpr const char* kAcknowledge =
    "UPDATE alert SET acked_at = ?2, acked_by = ?3, note = ?4 WHERE id = ?1 AND acked_at IS NULL";
constexpr const char* kTold = "UPDATE alert SET told_at = ?2 WHERE id = ?1";
constexpr const char* kSweepAlerts =
    "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE acked_at < ?1 ORDER BY id LIMIT ?2)";
constexpr const char* kCountAlert =
    "INSERT INTO alert_total (rule, raised) VALUES (?1, 1) ON CONFLICT (rule) DO UPDATE SET raised = "
    "alert_total.raised + 1";

constexpr const char* kGetMark = "SELECT value FROM mark WHERE name = ?1";
constexpr const char* kMarksWithPrefix =
    "SELECT name, value FROM mark WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name";
constexpr const char* kPutMark =
    "INSERT INTO mark (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
constexpr const char* kRemoveMark = "DELETE FROM mark WHERE name = ?1";

Alert alert_of(const Row& row) {
    Alert alert;
    row.read(alert.id, alert.rule, alert.subject, alert.severity, alert.what, alert.opened_at, alert.last_at,
             alert.times, alert.told_at, alert.acked_at, alert.acked_by, alert.note);
    return alert;
}

}  // namespace

AlertsReads::AlertsReads(Connection& connection)
    : list_(connection, kListAlerts),
      get_(connection, kGetAlert),
      totals_(connection, kAlertTotals),
      untold_(connection, kUntold) {}

Result<std::vector<Alert>> AlertsReads::list(bool open_only, std::int64_t before, std::size_t limit) {
    std::vector<Alert> alerts;
    CHECK_OK(list_.each([&](const Row& row) { alerts.push_back(alert_of(row)); }, open_only ? 1 : 0, before, limit));
    return alerts;
}

Result<std::optional<Alert>> AlertsReads::get(std::int64_t id) {
    std::optional<Alert> alert;
    CHECK_OK(get_.first([&](const Row& row) { alert = alert_of(row); }, id));
    return alert;
}

Result<std::vector<AlertTotal>> AlertsReads::totals() {
    std::vector<AlertTotal> totals;
    CHECK_OK(totals_.each([&](const Row& row) {
        auto& one = totals.emplace_back();
        row.read(one.rule, one.raised, one.open);
    }));
    return totals;
}

Result<std::vector<Alert>> AlertsReads::untold(Timestamp before, std::size_t limit) {
    std::vector<Alert> alerts;
    CHECK_OK(untold_.each([&](const Row& row) { alerts.push_back(alert_of(row)); }, before, limit));
    return alerts;
}

AlertsTable::AlertsTable(Connection& connection)
    : AlertsReads(connection),
      newest_(connection, kNewestAlert),
      insert_(connection, kInsertAlert),
      again_(connection, kAgainAlert),
      acknowledge_(connection, kAcknowledge),
      told_(connection, kTold),
      sweep_(connection, kSweepAlerts),
      count_(connection, kCountAlert) {}

Result<std::optional<Alert>> AlertsTable::raise(const NewAlert& alert, Timestamp now, Timestamp quiet_since) {
    std::optional<Alert> newest;
    const auto look = [&] {
        return newest_.first([&](const Row& row) { newest = alert_of(row); }, alert.rule, alert.subject);
    };
    CHECK_OK(look());
    if (newest && newest->acked_at && *newest->acked_at >= quiet_since) return std::nullopt;
    CHECK_OK(count_.run(alert.rule));
    if (newest && !newest->acked_at) {
        CHECK_OK(again_.run(newest->id, now, alert.what, alert.severity));
    } else {
        CHECK_OK(insert_.run(alert.rule, alert.subject, alert.severity, alert.what, now));
    }
    CHECK_OK(look());
    return newest;
}

Result<void> AlertsTable::acknowledge(std::int64_t id, const std::string& by, const std::string& note, Timestamp now) {
    TRY(const auto changed, acknowledge_.run(id, now, by, note));
    if (changed > 0) return {};
    TRY(const auto known, get(id));
    if (known) return fail(Fault::conflict, "it was acknowledged before", "alert " + std::to_string(id));
    return fail(Fault::not_found, "there is no alert of this id: see `tributary alerts list`",
                "alert " + std::to_string(id));
}

Result<void> AlertsTable::told(std::int64_t id, Timestamp at) {
    CHECK_OK(told_.run(id, at));
    return {};
}

Result<std::uint64_t> AlertsTable::sweep(Timestamp before, std::size_t limit) {
    TRY(const auto removed, sweep_.run(before, limit));
    return static_cast<std::uint64_t>(removed);
}

MarksReads::MarksReads(Connection& connection) : get_(connection, kGetMark), prefix_(connection, kMarksWithPrefix) {}

Result<std::optional<std::string>> MarksReads::get(const std::string& name) {
    std::optional<std::string> value;
    CHECK_OK(get_.first([&](const Row& row) { row.read(value.emplace()); }, name));
    return value;
}

Result<std::map<std::string, std::string>> MarksReads::with_prefix(const std::string& prefix) {
    std::map<std::string, std::string> marks;
    CHECK_OK(prefix_.each(
        [&](const Row& row) {
            std::string name, value;
            row.read(name, value);
            marks.emplace(std::move(name), std::move(value));
        },
        prefix));
    return marks;
}

MarksTable::MarksTable(Connection& connection)
    : MarksReads(connection), put_(connection, kPutMark), remove_(connection, kRemoveMark) {}

Result<void> MarksTable::put(const std::string& name, const std::string& value) {
    CHECK_OK(put_.run(name, value));
    return {};
}

Result<void> MarksTable::remove(const std::string& name) {
    CHECK_OK(remove_.run(name));
    return {};
}

}  // namespace tributary::store
