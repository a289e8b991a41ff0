#include "gateway/app/gateway_watch.hpp"

#include "gateway/record/timestamp.hpp"

#include <sys/statvfs.h>

#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "gateway/app/credentials.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/loaded_parts.hpp"
#include "gateway/flow/propagation_worker.hpp"
#include "gateway/flow/withdrawal.hpp"
#include "gateway/record/zone.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

constexpr const char* kLoadedMark = "loaded.";
// The clocks of one machine drift less than this between two looks.
constexpr Milliseconds kJump = std::chrono::seconds(2);

watch::Limits limits_of(const WatchConfig& config) {
    watch::Limits limits;
    limits.rows_per_hour = config.rows_per_hour;
    limits.requests_per_day = config.requests_per_day;
    limits.denials_least = config.denials_per_hour;
    limits.signature_failures = config.signature_failures;
    limits.dead_letters_per_hour = config.dead_letters_per_hour;
    limits.overdue = config.overdue;
    limits.old_snapshot = config.old_snapshot;
    limits.disk_free_least = config.disk_free / 100.0;
    limits.canaries.insert(config.canaries.begin(), config.canaries.end());
    if (const auto& office = config.office_hours) {
        // The configuration was read: the zone is there.
        limits.zone = record::ZoneRule::find(office->zone).value_or(record::ZoneRule{});
        limits.office_begins = office->begins;
        limits.office_ends = office->ends;
        limits.weekends = office->weekends;
    }
    return limits;
}

Result<std::vector<watch::ByHand>> by_hand(store::ReadSession& session) {
    using store::TaskState;
    std::map<std::string, watch::ByHand> found;
    TRY(const auto counts, session.propagation().counts());
    for (const auto& count : counts) {
        if (count.state != TaskState::unsupported && count.state != TaskState::failed) continue;
        store::PropagationFilter filter;
        filter.destination = count.destination;
        filter.kind = count.kind;
        filter.state = count.state;
        TRY(const auto oldest, session.propagation().list(filter, 0, 1));
        auto& one = found[count.destination];
        one.destination = count.destination;
        one.tasks += count.tasks;
        if (!oldest.empty() && (one.due == Timestamp{} || oldest.front().task.due_at < one.due))
            one.due = oldest.front().task.due_at;
    }
    std::vector<watch::ByHand> out;
    for (auto& [_, one] : found) out.push_back(std::move(one));
    return out;
}

}  // namespace

Result<void> note_check(store::Session& session, bool whole, Timestamp at) {
    return session.marks().put(std::string(kVerifiedMark), (whole ? "yes " : "no ") + record::timestamp_text(at));
}

std::pair<std::uint64_t, std::uint64_t> disk_room(const std::filesystem::path& path) {
    struct statvfs room{};
    if (::statvfs(path.c_str(), &room) != 0) return {0, 0};
    return {std::uint64_t{room.f_bavail} * room.f_frsize, std::uint64_t{room.f_blocks} * room.f_frsize};
}

GatewayWatch::GatewayWatch(Gateway& gateway) : gateway_(gateway) {
    const auto& config = gateway_.catalogue().config.watch;
    watcher_ = std::make_unique<flow::Watcher>(gateway_.world(), limits_of(config), config.repeat);
    notifier_ = std::make_unique<flow::AlertNotifier>(gateway_.world(), gateway_.http(), notifier_options());
}

store::Store& GatewayWatch::store() {
    return *gateway_.foundation().store;
}

flow::NotifierOptions GatewayWatch::notifier_options() const {
    const auto& config = gateway_.catalogue().config.watch;
    flow::NotifierOptions options{gateway_.catalogue().config.gateway.name, {}, {}, config.repeat};
    if (const auto& mail = config.mail) options.mail = flow::MailRoute{*mail->connection, mail->action};
    if (const auto& written = config.webhook) {
        flow::AlertWebhook hook;
        hook.url = written->url;
        hook.secret = [secret = written->secret, &vault = *gateway_.foundation().vault] {
            return secret.resolve(VaultResolver(vault, {"watch", ""}));
        };
        hook.options = written->options();
        options.webhook = std::move(hook);
    }
    return options;
}

Result<void> GatewayWatch::restore_pauses() {
    std::map<std::string, std::string> held;
    CHECK_OK(store().read([&](store::ReadSession& session) -> Result<void> {
        TRY(held, session.marks().with_prefix(std::string(kHeldMark)));
        return {};
    }));
    for (const auto& [name, connection] : gateway_.world().connections)
        connection.held->set(held.contains(std::string(kHeldMark) + name));
    return {};
}

Result<void> GatewayWatch::tell_loaded() {
    const auto parts = loaded_parts(gateway_.catalogue());
    const auto& clock = gateway_.foundation().clock;
    const auto& name = gateway_.catalogue().config.gateway.name;
    return store().write([&](store::Session& session) -> Result<void> {
        TRY(const auto before, session.marks().with_prefix(kLoadedMark));
        const auto& config = gateway_.catalogue().config;
        std::vector<std::string> entries{flow::audit_entry(clock, "system", name, "config.load",
                                                           {{"hash", parts.at("config")},
                                                            {"connections", std::to_string(config.connections.size())},
                                                            {"deliveries", std::to_string(config.deliveries.size())}})};
        const auto changed = [&](const std::string& part, const std::string& from, const std::string& to) {
            // "mapping shopify/order" is a mapping.change of shopify/order.
            const auto space = part.find(' ');
            entries.push_back(flow::audit_entry(
                clock, "system", name, part.substr(0, space) + ".change",
                {{"name", space == std::string::npos ? part : part.substr(space + 1)}, {"from", from}, {"to", to}}));
        };
        for (const auto& [part, hash] : parts) {
            const auto known = before.find(kLoadedMark + part);
            if (known != before.end() && known->second == hash) continue;
            if (!before.empty()) changed(part, known == before.end() ? "" : known->second, hash);
            CHECK_OK(session.marks().put(kLoadedMark + part, hash));
        }
        for (const auto& [mark, hash] : before) {
            const auto part = mark.substr(std::string_view(kLoadedMark).size());
            if (parts.contains(part)) continue;
            changed(part, hash, "");
            CHECK_OK(session.marks().remove(mark));
        }
        CHECK_OK(session.audit().append(entries));
        return {};
    });
}

watch::Figures GatewayWatch::figures() {
    watch::Figures figures;
    figures.now = gateway_.foundation().clock.now();
    figures.decrypt_failures = gateway_.world().subject_keys.failures();
    figures.signature_failures = gateway_.host().refusals.signatures();
    if (const auto* sqlite = std::get_if<SqliteConfig>(&gateway_.catalogue().config.store))
        std::tie(figures.disk_free, figures.disk_size) = disk_room(sqlite->path.parent_path());
    return figures;
}

Result<void> GatewayWatch::look() {
    CHECK_OK(check_clock());
    // Another gateway may have been asked to pause or resume one.
    if (store().shared()) CHECK_OK(restore_pauses());
    CHECK_OK(gateway_.host().tally.flush(store()));
    auto now = figures();
    std::optional<std::string> verified;
    CHECK_OK(store().read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto room, session.dead_letters().room());
        now.dead_letters = room.letters;
        std::set<std::string> paused;
        TRY(const auto states, session.outbox().destinations());
        for (const auto& state : states)
            if (state.paused) paused.insert(state.destination);
        TRY(const auto depths, session.outbox().depths());
        for (const auto& one : depths)
            now.waiting.push_back({one.destination, one.oldest, paused.contains(one.destination)});
        TRY(now.late_requests, session.subject_requests().overdue(now.now));
        TRY(now.untold, session.propagation().overdue(now.now - flow::kOverdueAfter + flow::kToldWithin));
        TRY(now.by_hand, by_hand(session));
        TRY(verified, session.marks().get(std::string(kVerifiedMark)));
        TRY(const auto held, session.overview().held_rows());
        now.oldest_snapshot = held.oldest_snapshot;
        now.oldest_transactions = held.oldest_transactions;
        now.dead_rows = held.dead;
        now.live_rows = held.live;
        return {};
    }));
    if (verified && verified->starts_with("no "))
        now.audit_broken = "a check of the audit trail failed: run `tributary audit verify`";
    return watcher_->look(now);
}

// An operator's or NTP's hand on the clock moves it against the one that only counts.
Result<void> GatewayWatch::check_clock() {
    const auto& clock = gateway_.foundation().clock;
    const auto wall = clock.now();
    const auto steady = clock.steady();
    const auto before_wall = std::exchange(wall_, wall);
    const auto before_steady = std::exchange(steady_, steady);
    if (before_wall == Timestamp{}) return {};
    const auto jump = (wall - before_wall) - std::chrono::duration_cast<Milliseconds>(steady - before_steady);
    if (jump < kJump && jump > -kJump) return {};
    gateway_.log().warn("the clock was set", {{"milliseconds", static_cast<std::int64_t>(jump.count())}});
    const auto entry =
        flow::audit_entry(clock, "system", "gateway", "clock.jump", {{"milliseconds", std::to_string(jump.count())}});
    return flow::write_entry(store(), entry);
}

run::Task<> GatewayWatch::run(std::stop_token stop) {
    auto& world = gateway_.world();
    do {
        auto looked = co_await run::on(world.pool, [this] { return look(); });
        if (!looked) world.log.error("watch", looked.error());
        co_await notifier_->tell();
    } while (co_await world.timers.sleep_for(gateway_.catalogue().config.watch.every, stop));
}

}  // namespace tributary::app
