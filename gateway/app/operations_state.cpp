#include <map>
#include <optional>

#include "gateway/app/arguments.hpp"
#include "gateway/app/credentials.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

void count(value::Builder& out, std::string_view name, std::uint64_t value) {
    out.key(name).integer(static_cast<std::int64_t>(value));
}

std::string state_of(const store::StoreHealth& health) {
    if (health.poisoned) return "failed: " + health.cause;
    if (health.away) return "the database does not answer";
    return health.disk_full ? "disk full" : "ok";
}

// Why nothing or little is sent there: the reason of its pause, else a breaker that is not closed.
std::string hindrance(const store::DestinationState* state, std::optional<run::Breaker::State> breaker) {
    if (state && state->paused) return state->reason;
    if (!breaker || *breaker == run::Breaker::State::closed) return "";
    return "circuit breaker: " + std::string(run::name_of(*breaker));
}

run::Task<Answer> status(Gateway& gateway, value::Node) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(auto snapshot, gateway.snapshot());
        const auto& stats = snapshot.stats;
        std::map<std::string, store::DestinationState> states;
        if (!snapshot.health.poisoned)
            CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
                TRY(auto rows, session.outbox().destinations());
                for (auto& row : rows) states.emplace(row.destination, std::move(row));
                return {};
            }));
        value::Builder out;
        out.begin_object().key("streams").begin_array();
        for (const auto& one : stats.streams) {
            out.begin_object().key("connection").text(one.connection).key("stream").text(one.stream);
            count(out, "accepted", one.accepted);
            count(out, "duplicate", one.duplicate);
            count(out, "mapped", one.mapped);
            count(out, "unchanged", one.unchanged);
            count(out, "quarantined", one.quarantined);
            out.end();
        }
        out.end().key("destinations").begin_array();
        for (const auto& one : stats.destinations) {
            out.begin_object().key("destination").text(one.destination);
            count(out, "delivered", one.delivered);
            count(out, "queued", one.queued);
            count(out, "retried", one.retried);
            count(out, "superseded", one.superseded);
            count(out, "withheld", one.withheld);
            count(out, "dead", one.dead);
            count(out, "blocked_lanes", one.blocked_lanes);
            auto state = states.find(one.destination);
            auto breaker = snapshot.breakers.find(one.destination);
            out.key("paused").boolean(one.paused).key("reason");
            out.text(hindrance(state == states.end() ? nullptr : &state->second,
                               breaker == snapshot.breakers.end() ? std::nullopt : std::optional(breaker->second)));
            out.end();
        }
        out.end();
        out.key("logins");
        write_logins(gateway, out);
        out.key("store").text(state_of(snapshot.health));
        count(out, "inbox_waiting", stats.inbox_waiting);
        count(out, "records", stats.records);
        count(out, "customers", stats.customers);
        count(out, "dead_letters", stats.dead_letters);
        count(out, "withheld", stats.withheld);
        out.key("webhooks_refused").begin_object();
        for (const auto& [reason, refused] : snapshot.refusals) count(out, reason, refused);
        out.end().end();
        return out.take();
    });
}

run::Task<Answer> quality(Gateway& gateway, value::Node arguments) {
    CO_TRY(auto connection, text_argument(arguments, "connection"));
    CO_TRY(auto stream, text_argument(arguments, "stream"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            out.begin_object();
            for (auto [name, kind] :
                 {std::pair{"drift", store::QualityKind::drift}, {"issues", store::QualityKind::issue}}) {
                TRY(auto rows, session.quality().list(kind, connection.value_or(""), stream.value_or(""), 100));
                out.key(name).begin_array();
                for (const auto& row : rows) {
                    out.begin_object()
                        .key("connection")
                        .text(row.connection)
                        .key("stream")
                        .text(row.stream)
                        .key("path")
                        .text(row.path);
                    out.key("code").text(row.code);
                    count(out, "count", row.count);
                    out.key("last_at").text(record::timestamp_text(row.last_at)).end();
                }
                out.end();
            }
            out.end();
            return {};
        }));
        return out.take();
    });
}

}  // namespace

api::Fields login_fields() {
    using api::field::one_of, api::field::text, api::field::time;
    return {text("connection"), one_of("state", {"logged in", "not logged in", "needs login", "unknown"}),
            text("reason"), time("changed_at").or_empty(), time("token_until").or_empty()};
}

void write_logins(Gateway& gateway, value::Builder& out) {
    const auto now = gateway.foundation().clock.now();
    out.begin_array();
    for (const auto& config : gateway.catalogue().config.connections) {
        const auto* connection = gateway.world().connection(config.name);
        if (!connection || !connection->connector->login()) continue;
        const auto grant = gateway.foundation().grants->read(grant_name(config));
        if (!grant) {
            out.begin_object().key("connection").text(config.name).key("state").text("unknown");
            out.key("reason").text(grant.error().text()).key("changed_at").text("").key("token_until").text("").end();
            continue;
        }
        const auto& state = grant->state;
        const auto& tokens = grant->tokens;
        const bool ended = tokens && tokens->refresh_token.empty() && tokens->expires && *tokens->expires <= now;
        const char* word = "logged in";
        if (!tokens) word = "not logged in";
        if (ended || state.phase == vault::GrantPhase::needs_login) word = "needs login";
        out.begin_object().key("connection").text(config.name).key("state").text(word);
        out.key("reason").text(state.error);
        out.key("changed_at").text(state.version > 0 ? record::timestamp_text(state.changed) : "");
        out.key("token_until").text(tokens && tokens->expires ? record::timestamp_text(*tokens->expires) : "");
        out.end();
    }
    out.end();
}

std::vector<NamedOperation> state_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::object, api::field::text,
        api::field::time;
    using enum access::Permission;
    const api::Fields stream{text("connection"), text("stream"),       integer("accepted"),   integer("duplicate"),
                             integer("mapped"),  integer("unchanged"), integer("quarantined")};
    const api::Fields destination{
        text("destination"), integer("delivered"), integer("queued"),        integer("retried"), integer("superseded"),
        integer("withheld"), integer("dead"),      integer("blocked_lanes"), flag("paused"),     text("reason")};
    const api::Fields seen{text("connection"), text("stream"),   text("path"),
                           text("code"),       integer("count"), time("last_at")};
    return {{"status",
             status_read,
             status,
             {},
             {list("streams", stream), list("destinations", destination), list("logins", login_fields()), text("store"),
              integer("inbox_waiting"), integer("records"), integer("customers"), integer("dead_letters"),
              integer("withheld"), object("webhooks_refused")}},
            {"quality",
             report_read,
             quality,
             {text("connection"), text("stream")},
             {list("drift", seen), list("issues", seen)}}};
}

}  // namespace tributary::app
