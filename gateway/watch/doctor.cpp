#include "gateway/watch/doctor.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "gateway/base/visible_text.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::watch {
namespace {

using std::chrono::hours;
constexpr std::int64_t kLargeLog = 256LL << 20;
constexpr std::int64_t kOldItem = 3600;
constexpr Milliseconds kVerifyEvery = hours(24 * 7), kRecent = hours(24 * 7), kExpires = hours(24 * 30),
                       kLate = hours(1), kLongRun = hours(6), kAhead = std::chrono::seconds(60);

std::string text(value::Node node) {
    return visible_text(node.scalar_text(), 300);
}

std::optional<Timestamp> time(value::Node node) {
    return record::parse_timestamp(node.text());
}

std::string age(std::int64_t seconds) {
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 7200) return fmt::format("{} min", seconds / 60);
    return seconds < 48 * 3600 ? fmt::format("{} h", seconds / 3600) : fmt::format("{} days", seconds / 86400);
}

std::string age(Milliseconds span) {
    return age(std::chrono::duration_cast<std::chrono::seconds>(span).count());
}

class Examination {
  public:
    explicit Examination(value::Node snapshot)
        : all_(snapshot), now_(time(snapshot.find("now")).value_or(Timestamp{})) {}

    std::vector<Finding> run() {
        foundation();
        audit();
        nodes();
        destinations();
        letters();
        logins();
        syncs();
        quality();
        certificates();
        alerts();
        std::vector<Finding> all;
        for (const std::string_view severity : {"critical", "warning"})
            for (const auto& one : found_)
                if (one.severity == severity) all.push_back(one);
        return all;
    }

  private:
    void critical(std::string rule, std::string what, std::string why, std::string todo) {
        found_.push_back({std::move(rule), "critical", std::move(what), std::move(why), std::move(todo)});
    }
    void warning(std::string rule, std::string what, std::string why, std::string todo) {
        found_.push_back({std::move(rule), "warning", std::move(what), std::move(why), std::move(todo)});
    }

    void foundation() {
        if (const auto error = all_.find("config_error"); !error.text().empty())
            critical("configuration", text(error), "the gateway does not start with it", "tributary check");
        if (const auto error = all_.find("vault_error"); !error.text().empty())
            critical("vault", text(error), "nothing that is sealed can be read",
                     "put the master key and key.ring of this store back; for a new store: tributary init");
        const auto store = all_.find("store");
        if (!store.find("failed").text().empty())
            critical("store_failed", "the store failed: " + text(store.find("failed")),
                     "the disk gave an error, so nothing is written any more",
                     "look at the disk, then restart the gateway");
        if (store.find("disk_full").boolean())
            critical("store_full", "the newest commit found no room", "webhooks are refused and syncs stop",
                     "make room on its volume, or raise store.max_size");
        if (const auto most = store.find("max_size").integer();
            most > 0 && store.find("database_bytes").integer() * 10 > most * 9)
            warning("store_full", "the store has nine tenths of store.max_size", "beyond it webhooks are refused",
                    "raise store.max_size, or shorten retention");
        if (const auto bytes = store.find("log_bytes").integer(); bytes > kLargeLog)
            warning("log_large", fmt::format("the write-ahead log has {} MB", bytes >> 20),
                    "something holds it back: a long read, or a disk that is too slow",
                    "end other programs that read the database; a restart shortens it");
        const auto disk = all_.find("disk");
        if (const auto size = disk.find("size").integer(); size > 0 && disk.find("free").integer() * 20 < size)
            critical(
                "disk_full",
                fmt::format("{} MB are free where {} lies", disk.find("free").integer() >> 20, text(disk.find("path"))),
                "a full disk stops the gateway", "make room on this volume");
        if (const auto newest = time(all_.find("newest_entry")); newest && *newest > now_ + kAhead)
            critical("clock", "the clock is " + age(*newest - now_) + " behind the newest entry of the audit trail",
                     "schedules, deadlines and consent are judged by it", "timedatectl status");
        for (auto port : all_.find("ports"))
            if (!port.find("error").text().empty())
                critical("port",
                         fmt::format("{} cannot listen at {}: {}", text(port.find("face")), text(port.find("address")),
                                     text(port.find("error"))),
                         "the gateway will not start", "end what holds the port (ss -ltnp), or change listen");
        const auto master = all_.find("master");
        if (master && (master.find("mode").integer() & 077) != 0)
            critical(
                "master_mode",
                fmt::format("others may read {} (mode {:o})", text(master.find("path")), master.find("mode").integer()),
                "who has the master key and the store reads everything", "chmod 0400 " + text(master.find("path")));
    }

    void audit() {
        const auto trail = all_.find("audit");
        if (!trail || trail.find("entries").integer() == 0) return;
        const auto verified = time(trail.find("verified_at"));
        if (verified && !trail.find("whole").boolean())
            critical("audit_broken", "the newest check of the audit trail failed",
                     "somebody changed it, or the disk did",
                     "keep the store as it is, then: tributary audit verify --checkpoints FILE");
        else if (!verified || now_ - *verified > kVerifyEvery)
            warning("audit_unverified",
                    verified ? "the audit trail was checked " + age(now_ - *verified) + " ago"
                             : std::string("the audit trail was never checked"),
                    "what was changed meanwhile shows late", "tributary audit verify");
    }

    void nodes() {
        std::map<std::string_view, std::string> names;  // by configuration
        for (auto node : all_.find("nodes")) {
            if (!node.find("alive").boolean()) continue;
            auto& alike = names[node.find("configuration").text()];
            alike += (alike.empty() ? "" : ", ") + text(node.find("name"));
        }
        if (names.size() < 2) return;
        std::string sides;
        for (const auto& [_, alike] : names) sides += (sides.empty() ? "" : " | ") + alike;
        warning("configurations_differ", "the gateways on this store have different configurations: " + sides,
                "what becomes of a record depends on which of them handles it",
                "give all the same files, then on one: tributary reload");
    }

    void destinations() {
        for (auto held : all_.find("held"))
            warning(
                "connection_paused",
                fmt::format("connection {} is paused: {}", text(held.find("connection")), text(held.find("reason"))),
                "nothing is read, accepted or delivered",
                "tributary connection resume " + text(held.find("connection")));
        for (auto one : all_.find("destinations")) {
            const auto name = text(one.find("destination"));
            const auto since = time(one.find("since"));
            if (one.find("paused").boolean())
                warning("destination_paused",
                        fmt::format("{} is paused{}: {}", name, since ? " for " + age(now_ - *since) : "",
                                    text(one.find("reason"))),
                        fmt::format("{} items wait", one.find("items").integer()),
                        "mend the cause, then: tributary queue resume " + name);
            else if (const auto oldest = one.find("oldest_seconds").integer(); oldest > kOldItem)
                warning("queue_old", fmt::format("the oldest item for {} waits for {}", name, age(oldest)),
                        "what it was to be told is late", "tributary queue lanes --destination " + name);
            if (const auto lanes = one.find("blocked_lanes").integer(); lanes > 0)
                warning("lanes_blocked", fmt::format("{} lanes of {} are blocked", lanes, name),
                        "changes of these customers wait for an operator",
                        "tributary queue lanes --blocked --destination " + name);
        }
    }

    void letters() {
        for (auto one : all_.find("dead_letters")) {
            const bool outgoing = !one.find("destination").text().empty();
            const auto place = text(one.find(outgoing ? "destination" : "connection"));
            warning("dead_letters",
                    fmt::format("{} dead letters of {}, stage {}", one.find("letters").integer(), place,
                                text(one.find("stage"))),
                    "these records reached nobody",
                    fmt::format("tributary queue list --stage {} --{} {}", text(one.find("stage")),
                                outgoing ? "destination" : "connection", place));
        }
    }

    void logins() {
        for (auto one : all_.find("logins"))
            if (const auto state = one.find("state").text(); state != "logged in")
                critical(
                    "login_needed",
                    fmt::format("connection {}: {} {}", text(one.find("connection")), state, text(one.find("reason"))),
                    "without a login nothing is read or delivered",
                    "tributary connection login " + text(one.find("connection")));
    }

    void syncs() {
        for (auto one : all_.find("syncs")) {
            const auto name = text(one.find("connection")) + " " + text(one.find("stream"));
            const auto begun = time(one.find("started_at")), ended = time(one.find("ended_at"));
            const auto due = time(one.find("due_at"));
            if (one.find("never").boolean()) {
                if (due)
                    warning("sync_never", "the schedule of " + name + " never ran", "nothing of this stream was read",
                            "tributary sync run " + name);
                continue;
            }
            if (!one.find("error").text().empty())
                warning("sync_failed", fmt::format("the newest sync of {} failed: {}", name, text(one.find("error"))),
                        "what changed since is not known here", "mend the cause, then: tributary sync run " + name);
            if (begun && !ended && now_ - *begun > kLongRun)
                warning("sync_late", "a sync of " + name + " runs for " + age(now_ - *begun), "it may hang",
                        "tributary sync status --connection " + text(one.find("connection")));
            else if (due && now_ - *due > kLate)
                warning("sync_late", "the sync of " + name + " is late by " + age(now_ - *due),
                        "what changed since is not known here", "start the gateway, or: tributary sync run " + name);
        }
    }

    void quality() {
        for (auto one : all_.find("streams")) {
            const auto bad = one.find("quarantined").integer(), good = one.find("mapped").integer();
            if (bad >= 10 && bad * 20 > bad + good)
                warning("quarantine",
                        fmt::format("{} of {} records of {} {} did not fit", bad, bad + good,
                                    text(one.find("connection")), text(one.find("stream"))),
                        "more than one in twenty is missing",
                        fmt::format("tributary queue list --stage map --connection {}", text(one.find("connection"))));
        }
        for (auto one : all_.find("drift"))
            if (const auto last = time(one.find("last_at")); last && now_ - *last < kRecent)
                warning("drift",
                        fmt::format("{} {}: field {}, {} ({} times)", text(one.find("connection")),
                                    text(one.find("stream")), text(one.find("path")), text(one.find("code")),
                                    one.find("count").integer()),
                        "the source changed its form; the mapping may miss something",
                        "tributary quality --connection " + text(one.find("connection")));
    }

    void certificates() {
        for (auto one : all_.find("certificates")) {
            const auto path = text(one.find("path"));
            if (!one.find("error").text().empty())
                critical("certificate", path + ": " + text(one.find("error")), "the face cannot speak TLS",
                         "put a certificate in PEM form there");
            const auto ends = time(one.find("expires_at"));
            if (ends && *ends <= now_)
                critical("certificate", path + " expired " + age(now_ - *ends) + " ago", "senders refuse to connect",
                         "put the new certificate there and restart");
            else if (ends && *ends - now_ < kExpires)
                warning("certificate", path + " expires in " + age(*ends - now_), "senders will refuse to connect",
                        "put the new certificate there and restart");
        }
    }

    void alerts() {
        for (auto one : all_.find("alerts")) {
            auto what = fmt::format("alert {}, {}{}: {}", one.find("id").integer(), text(one.find("rule")),
                                    one.find("subject").text().empty() ? "" : " " + text(one.find("subject")),
                                    text(one.find("what")));
            auto todo = fmt::format("look into it, then: tributary alerts ack {}", one.find("id").integer());
            if (one.find("severity").text() == "critical")
                critical("alert_open", std::move(what), "nobody acknowledged it", std::move(todo));
            else
                warning("alert_open", std::move(what), "nobody acknowledged it", std::move(todo));
        }
    }

    value::Node all_;
    Timestamp now_;
    std::vector<Finding> found_;
};

}  // namespace

const std::vector<std::string>& finding_names() {
    static const std::vector<std::string> names{"configuration",
                                                "vault",
                                                "store_failed",
                                                "store_full",
                                                "log_large",
                                                "disk_full",
                                                "clock",
                                                "port",
                                                "master_mode",
                                                "audit_broken",
                                                "audit_unverified",
                                                "configurations_differ",
                                                "connection_paused",
                                                "destination_paused",
                                                "queue_old",
                                                "lanes_blocked",
                                                "dead_letters",
                                                "login_needed",
                                                "sync_never",
                                                "sync_failed",
                                                "sync_late",
                                                "quarantine",
                                                "drift",
                                                "certificate",
                                                "alert_open"};
    return names;
}

std::vector<Finding> examine(value::Node snapshot) {
    return Examination(snapshot).run();
}

}  // namespace tributary::watch
