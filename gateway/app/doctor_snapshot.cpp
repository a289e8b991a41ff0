#include "gateway/app/doctor_snapshot.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "gateway/app/gateway.hpp"
#include "gateway/app/gateway_watch.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/net/certificate.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kSnapshotRows = 50;

void put_count(value::Builder& out, std::string_view name, std::uint64_t number) {
    out.key(name).integer(static_cast<std::int64_t>(number));
}

void put_time(value::Builder& out, std::string_view name, const std::optional<Timestamp>& at) {
    if (at) out.key(name).text(record::timestamp_text(*at));
}

void write_store(value::Builder& out, Gateway& gateway) {
    const auto health = gateway.foundation().store->health();
    out.key("store").begin_object().key("failed").text(health.poisoned ? health.cause : "");
    out.key("disk_full").boolean(health.disk_full);
    put_count(out, "database_bytes", health.database_bytes);
    put_count(out, "log_bytes", health.log_bytes);
    if (const auto* sqlite = std::get_if<SqliteConfig>(&gateway.catalogue().config.store))
        put_count(out, "max_size", sqlite->max_size);
    out.end();
}

Result<void> write_destinations(value::Builder& out, store::ReadSession& session, Timestamp now) {
    TRY(const auto depths, session.outbox().depths());
    TRY(const auto states, session.outbox().destinations());
    std::map<std::string, store::DestinationDepth> all;
    for (const auto& state : states)
        if (state.paused) all[state.destination].destination = state.destination;
    for (const auto& depth : depths) all[depth.destination] = depth;
    TRY(const auto held, session.marks().with_prefix(std::string(kHeldMark)));
    out.key("destinations").begin_array();
    for (const auto& [name, one] : all) {
        out.begin_object().key("destination").text(name);
        put_count(out, "items", one.items);
        put_count(out, "blocked_lanes", one.blocked_lanes);
        const auto waits = one.oldest ? std::chrono::duration_cast<std::chrono::seconds>(now - *one.oldest).count() : 0;
        out.key("oldest_seconds").integer(waits);
        for (const auto& state : states)
            // A paused connection is told once, as that.
            if (state.destination == name && state.paused && !held.contains(std::string(kHeldMark) + name)) {
                out.key("paused").boolean(true).key("reason").text(state.reason);
                put_time(out, "since", state.since);
            }
        out.end();
    }
    out.end().key("held").begin_array();
    for (const auto& [mark, reason] : held)
        out.begin_object().key("connection").text(mark.substr(kHeldMark.size())).key("reason").text(reason).end();
    out.end();
    return {};
}

Result<void> write_syncs(value::Builder& out, store::ReadSession& session, Gateway& gateway) {
    out.key("syncs").begin_array();
    for (const auto& [name, connection] : gateway.world().connections)
        for (const auto& [stream_name, stream] : connection.streams) {
            // What an operator paused is told as that.
            if (connection.at_rest()) continue;
            TRY(const auto runs, session.jobs().list(name, stream_name, 0, 1));
            out.begin_object().key("connection").text(name).key("stream").text(stream_name);
            out.key("never").boolean(runs.empty());
            if (!runs.empty()) {
                const auto& run = runs.front();
                put_time(out, "started_at", run.started_at);
                put_time(out, "ended_at", run.ended_at);
                out.key("error").text(run.error);
                if (stream.schedule) put_time(out, "due_at", stream.schedule->next(run.started_at));
            } else if (stream.schedule) {
                put_time(out, "due_at", gateway.foundation().clock.now());
            }
            out.end();
        }
    out.end();
    return {};
}

Result<void> write_drift(value::Builder& out, store::ReadSession& session) {
    TRY(const auto stats, session.counters().stats());
    out.key("streams").begin_array();
    for (const auto& one : stats.streams) {
        out.begin_object().key("connection").text(one.connection).key("stream").text(one.stream);
        put_count(out, "mapped", one.mapped);
        put_count(out, "quarantined", one.quarantined);
        out.end();
    }
    out.end().key("drift").begin_array();
    TRY(const auto drift, session.quality().list(store::QualityKind::drift, "", "", kSnapshotRows));
    for (const auto& one : drift) {
        out.begin_object().key("connection").text(one.connection).key("stream").text(one.stream);
        out.key("path").text(one.path).key("code").text(one.code);
        put_count(out, "count", one.count);
        put_time(out, "last_at", one.last_at);
        out.end();
    }
    out.end();
    return {};
}

Result<void> write_letters_and_alerts(value::Builder& out, store::ReadSession& session) {
    TRY(const auto letters, session.dead_letters().counts());
    out.key("dead_letters").begin_array();
    for (const auto& one : letters) {
        out.begin_object().key("stage").text(one.stage).key("connection").text(one.connection);
        out.key("destination").text(one.destination);
        put_count(out, "letters", one.letters);
        out.end();
    }
    TRY(const auto alerts, session.alerts().list(true, 0, kSnapshotRows));
    out.end().key("alerts").begin_array();
    for (const auto& one : alerts) {
        out.begin_object().key("id").integer(one.id).key("rule").text(one.rule).key("subject").text(one.subject);
        out.key("severity").text(one.severity).key("what").text(one.what).end();
    }
    out.end();
    return {};
}

Result<void> write_trail(value::Builder& out, store::ReadSession& session) {
    TRY(const auto last, session.audit().last());
    TRY(const auto verified, session.marks().get(std::string(kVerifiedMark)));
    if (last)
        if (const auto act = flow::act_of(*last)) put_time(out, "newest_entry", act->at);
    out.key("audit").begin_object().key("entries").integer(last ? last->seq : 0);
    if (verified) {
        const auto space = verified->find(' ');
        out.key("verified_at").text(std::string_view(*verified).substr(space + 1));
        out.key("whole").boolean(verified->starts_with("yes"));
    }
    out.end();
    return {};
}

// Why an address cannot be listened at; empty: it can.
std::string bind_error(const Address& address) {
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (address.host.find(':') != std::string::npos) {
        auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        if (::inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) != 1) return "";
        size = sizeof(sockaddr_in6);
    } else {
        auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        if (::inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) != 1) return "";
        size = sizeof(sockaddr_in);
    }
    const int socket = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return std::strerror(errno);
    const int one = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    std::string error;
    if (::bind(socket, reinterpret_cast<sockaddr*>(&storage), size) != 0) error = std::strerror(errno);
    ::close(socket);
    return error;
}

}  // namespace

Result<value::Document> inner_snapshot(Gateway& gateway) {
    const auto now = gateway.foundation().clock.now();
    value::Builder out;
    out.begin_object();
    write_store(out, gateway);
    out.key("logins");
    write_logins(gateway, out);
    if (!gateway.foundation().store->health().poisoned)
        CHECK_OK(gateway.foundation().store->read([&](store::ReadSession& session) -> Result<void> {
            CHECK_OK(write_trail(out, session));
            out.key("nodes");
            CHECK_OK(write_nodes(out, session, now));
            CHECK_OK(write_destinations(out, session, now));
            CHECK_OK(write_syncs(out, session, gateway));
            CHECK_OK(write_drift(out, session));
            return write_letters_and_alerts(out, session);
        }));
    out.end();
    return out.take();
}

void write_outer_snapshot(value::Builder& out, const Config& config, bool stopped) {
    const SystemClock clock;
    out.key("now").text(record::timestamp_text(clock.now()));
    if (const auto* sqlite = std::get_if<SqliteConfig>(&config.store)) {
        const auto folder = sqlite->path.parent_path();
        const auto [free, size] = disk_room(folder);
        out.key("disk").begin_object().key("path").text(folder.string());
        put_count(out, "free", free);
        put_count(out, "size", size);
        out.end();
    }
    if (const auto* master = std::get_if<MasterFileConfig>(&config.vault.master)) {
        struct stat status{};
        if (::stat(master->path.c_str(), &status) == 0) {
            out.key("master").begin_object().key("path").text(master->path.string());
            out.key("mode").integer(status.st_mode & 0777).end();
        }
    }
    const std::pair<const char*, const ListenConfig*> faces[] = {{"webhooks", &config.listen.webhooks},
                                                                 {"admin", &config.listen.admin}};
    if (stopped) {
        out.key("ports").begin_array();
        for (const auto& [face, listen] : faces) {
            out.begin_object().key("face").text(face);
            out.key("address").text(listen->address.host + ":" + std::to_string(listen->address.port));
            out.key("error").text(bind_error(listen->address)).end();
        }
        out.end();
    }
    out.key("certificates").begin_array();
    for (const auto& [face, listen] : faces) {
        if (!listen->tls) continue;
        const auto ends = net::certificate_expiry(listen->tls->certificate);
        out.begin_object().key("path").text(listen->tls->certificate.string());
        if (ends) put_time(out, "expires_at", *ends);
        out.key("error").text(ends ? "" : ends.error().what).end();
    }
    out.end();
}

}  // namespace tributary::app
