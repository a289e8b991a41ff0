#include "gateway/api/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace tributary::api {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Gathers families in the order of their first use.
class Families {
  public:
    void add(const std::string& name, const std::string& help, prometheus::MetricType type, Labels labels,
             double value) {
        auto [at, fresh] = index_.try_emplace(name, families_.size());
        if (fresh) families_.push_back({"tributary_" + name, help, type, {}});
        prometheus::ClientMetric metric;
        for (auto& [label, text] : labels) metric.label.push_back({label, text});
        if (type == prometheus::MetricType::Counter)
            metric.counter.value = value;
        else
            metric.gauge.value = value;
        families_[at->second].metric.push_back(std::move(metric));
    }
    void count(const std::string& name, const std::string& help, Labels labels, std::uint64_t value) {
        add(name, help, prometheus::MetricType::Counter, std::move(labels), static_cast<double>(value));
    }
    void gauge(const std::string& name, const std::string& help, Labels labels, double value) {
        add(name, help, prometheus::MetricType::Gauge, std::move(labels), value);
    }
    std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return out.str();
    }

  private:
    std::vector<prometheus::MetricFamily> families_;
    std::map<std::string, std::size_t> index_;
};

double seconds(Timestamp now, const std::optional<Timestamp>& since) {
    return since ? std::chrono::duration<double>(now - *since).count() : 0;
}

void streams(Families& out, const store::Stats& stats) {
    for (const auto& one : stats.streams) {
        Labels labels{{"connection", one.connection}, {"stream", one.stream}};
        out.count("records_accepted_total", "records and webhooks taken in", labels, one.accepted);
        out.count("webhooks_duplicate_total", "webhooks that had been accepted before", labels, one.duplicate);
        out.count("records_mapped_total", "records that went through their mapping", labels, one.mapped);
        out.count("records_unchanged_total", "records that were the same as before", labels, one.unchanged);
        out.count("records_quarantined_total", "records in the dead letters before the outbox", labels,
                  one.quarantined);
    }
    out.gauge("inbox_waiting", "webhooks accepted and not processed yet", {}, static_cast<double>(stats.inbox_waiting));
    out.gauge("records", "source records kept", {}, static_cast<double>(stats.records));
    out.gauge("customers", "customers known", {}, static_cast<double>(stats.customers));
    out.gauge("dead_letters", "dead letters that wait for an operator", {}, static_cast<double>(stats.dead_letters));
}

void destinations(Families& out, const Snapshot& snapshot) {
    for (const auto& one : snapshot.stats.destinations) {
        Labels labels{{"destination", one.destination}};
        out.count("items_delivered_total", "items the destination took", labels, one.delivered);
        out.count("items_retried_total", "attempts that failed and are tried again", labels, one.retried);
        out.count("items_superseded_total", "items that a newer one made needless", labels, one.superseded);
        out.gauge("items_withheld", "records that consent keeps back", labels, static_cast<double>(one.withheld));
        out.gauge("items_dead", "dead letters of the destination", labels, static_cast<double>(one.dead));
        out.gauge("queue_items", "items that wait", labels, static_cast<double>(one.queued));
        out.gauge("queue_oldest_seconds", "age of the oldest item that waits", labels,
                  seconds(snapshot.now, one.oldest));
        out.gauge("queue_blocked_lanes", "lanes that wait for an operator", labels,
                  static_cast<double>(one.blocked_lanes));
        out.gauge("destination_paused", "1 while nothing is sent", labels, one.paused ? 1 : 0);
    }
    for (const auto& [destination, state] : snapshot.breakers)
        out.gauge("breaker_open", "1 while the circuit breaker is open", {{"destination", destination}},
                  state == run::Breaker::State::open ? 1 : 0);
}

void propagation(Families& out, const Snapshot& snapshot) {
    for (const auto& one : snapshot.propagation)
        out.gauge("propagation_tasks", "what destinations have to be told about people",
                  {{"destination", one.destination},
                   {"kind", std::string(store::name_of(one.kind))},
                   {"state", std::string(store::name_of(one.state))}},
                  static_cast<double>(one.tasks));
    out.gauge("propagation_overdue", "tasks that are not done a day after they were due", {},
              static_cast<double>(snapshot.propagation_overdue));
}

void node(Families& out, const Snapshot& snapshot) {
    out.gauge("node_info", "which process this is; `node` is the owner of the leases that it holds in a shared store",
              {{"gateway", snapshot.gateway}, {"node", snapshot.health.node}, {"version", snapshot.version}}, 1);
    if (const auto& nodes = snapshot.nodes) {
        out.gauge("gateways", "gateways that live on this store", {}, nodes->gateways);
        out.gauge("configuration_differs", "1 while one of them has had another configuration for a while", {},
                  nodes->differs ? 1 : 0);
    }
    for (const auto& [place, count] : snapshot.lost_leases) {
        const bool delivery = place.first == flow::LeaseLosses::Work::delivery;
        out.count("leases_lost_total", "work whose lease went to another process before its outcome was stored",
                  {{"work", delivery ? "delivery" : "sync"}, {"name", place.second}}, count);
    }
}

void health(Families& out, const Snapshot& snapshot) {
    const auto& store = snapshot.health;
    auto latency = [](std::chrono::microseconds us) { return static_cast<double>(us.count()) / 1e6; };
    for (auto [quantile, value] :
         {std::pair{"0.5", store.commit_p50}, {"0.95", store.commit_p95}, {"0.99", store.commit_p99}})
        out.gauge("commit_seconds", "latency of the newest thousand commits", {{"quantile", quantile}}, latency(value));
    out.count("commits_total", "transactions since the start", {}, store.commits);
    out.gauge("store_queue", "writes that wait for a commit", {}, static_cast<double>(store.queued));
    out.gauge("store_bytes", "size of the database", {}, static_cast<double>(store.database_bytes));
    out.gauge("store_log_bytes", "size of the write-ahead log", {}, static_cast<double>(store.log_bytes));
    out.gauge("store_failed", "1 after an error of the disk", {}, store.poisoned ? 1 : 0);
    if (!store.node.empty()) {
        out.gauge("store_snapshot_seconds", "how long the oldest transaction of the database server is open", {},
                  std::chrono::duration<double>(snapshot.held_rows.oldest_snapshot).count());
        out.gauge("store_dead_rows", "rows of the queue that are gone and still in their tables", {},
                  static_cast<double>(snapshot.held_rows.dead));
    }
    out.gauge("store_away", "1 while the database does not answer", {}, store.away ? 1 : 0);
    for (const auto& [reason, count] : snapshot.refusals)
        out.count("webhooks_refused_total", "webhooks that were not accepted", {{"reason", reason}}, count);
    out.count("http_requests_total", "requests at the webhook face", {}, snapshot.webhooks.requests);
    out.count("http_bad_requests_total", "requests refused for their form", {}, snapshot.webhooks.bad_requests);
    out.gauge("http_connections", "open connections at the webhook face", {},
              static_cast<double>(snapshot.webhooks.open));
    for (const auto& [face, ends] : snapshot.certificates)
        out.gauge("certificate_expires_seconds", "time until the face's certificate ends", {{"face", face}},
                  static_cast<double>((ends - snapshot.now).count()) / 1e3);
    for (const auto& rule : snapshot.alerts) {
        out.count("alerts_total", "signs of a breach or of trouble", {{"rule", rule.rule}}, rule.raised);
        out.gauge("alerts_open", "alerts that nobody acknowledged", {{"rule", rule.rule}},
                  static_cast<double>(rule.open));
    }
    for (const auto& run : snapshot.newest_runs) {
        Labels labels{{"connection", run.connection}, {"stream", run.stream}};
        out.gauge("sync_lag_seconds", "time since the newest sync run began", labels,
                  seconds(snapshot.now, run.started_at));
        out.gauge("sync_failed", "1 when the newest sync run ended with an error", labels, run.error.empty() ? 0 : 1);
    }
}

void backups(Families& out, const Snapshot& snapshot) {
    if (!snapshot.backup) return;
    const auto& state = *snapshot.backup;
    const auto in_seconds = [](Milliseconds time) { return std::chrono::duration<double>(time).count(); };
    out.gauge("backup_files", "files in the folder of backups", {}, static_cast<double>(state.files));
    out.gauge("backup_bytes", "size of all of them", {}, static_cast<double>(state.bytes));
    if (state.newest)
        out.gauge("backup_age_seconds", "age of the newest backup of data", {}, seconds(snapshot.now, state.newest));
    out.gauge("backup_failed", "1 when the newest try of a backup failed", {}, state.failed ? 1 : 0);
    if (state.drilled) {
        out.gauge("restore_drill_age_seconds", "time since the newest restore drill", {},
                  seconds(snapshot.now, state.drilled));
        out.gauge("restore_drill_failed", "1 when it did not pass", {}, state.drill_failed ? 1 : 0);
        out.gauge("restore_drill_rpo_seconds", "what would have been lost then", {}, in_seconds(state.rpo));
        out.gauge("restore_drill_rto_seconds", "how long it took to have the store back", {}, in_seconds(state.rto));
    }
}

void ledger(Families& out, const Snapshot& snapshot) {
    if (!snapshot.ledger) return;
    out.gauge("outer_ledger_lines", "withdrawals, suppressions and erasures kept outside the store", {},
              static_cast<double>(snapshot.ledger->lines));
    out.gauge("outer_ledger_failed", "1 while they cannot be written there", {}, snapshot.ledger->failing ? 1 : 0);
}

void configuration(Families& out, const Snapshot& snapshot) {
    if (!snapshot.configuration) return;
    const auto& state = *snapshot.configuration;
    out.count("configurations_loaded_total", "configurations since the start, by outcome", {{"outcome", "taken up"}},
              state.loaded);
    out.count("configurations_loaded_total", "configurations since the start, by outcome", {{"outcome", "refused"}},
              state.refused);
    out.gauge("configuration_age_seconds", "time since the one in force was loaded", {},
              seconds(snapshot.now, state.since));
}

}  // namespace

std::string render_metrics(const Snapshot& snapshot) {
    Families out;
    node(out, snapshot);
    streams(out, snapshot.stats);
    destinations(out, snapshot);
    propagation(out, snapshot);
    health(out, snapshot);
    backups(out, snapshot);
    ledger(out, snapshot);
    configuration(out, snapshot);
    return out.text();
}

}  // namespace tributary::api
