#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/watch/incident.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;
constexpr std::int64_t kAlertPage = 100;

void write_alert(value::Builder& out, const store::Alert& alert) {
    out.begin_object().key("id").integer(alert.id).key("severity").text(alert.severity).key("rule").text(alert.rule);
    out.key("subject").text(alert.subject).key("what").text(alert.what);
    out.key("times").integer(static_cast<std::int64_t>(alert.times));
    out.key("opened_at").text(record::timestamp_text(alert.opened_at));
    out.key("last_at").text(record::timestamp_text(alert.last_at));
    out.key("told_at").text(alert.told_at ? record::timestamp_text(*alert.told_at) : "");
    out.key("acked_at").text(alert.acked_at ? record::timestamp_text(*alert.acked_at) : "");
    out.key("acked_by").text(alert.acked_by).key("note").text(alert.note).end();
}

run::Task<Answer> list_alerts(Gateway& gateway, value::Node arguments) {
    CO_TRY(const bool all, flag_argument(arguments, "all"));
    CO_TRY(const auto before, integer_argument(arguments, "before"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        value::Builder out;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto alerts, session.alerts().list(!all, before.value_or(0), kAlertPage));
            TRY(const auto totals, session.alerts().totals());
            std::uint64_t open = 0;
            for (const auto& rule : totals) open += rule.open;
            out.begin_object().key("open").integer(static_cast<std::int64_t>(open)).key("alerts").begin_array();
            for (const auto& alert : alerts) write_alert(out, alert);
            out.end().end();
            return {};
        }));
        return out.take();
    });
}

run::Task<Answer> acknowledge(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto id, integer_argument(arguments, "id"));
    if (!id) co_return fail(Fault::bad_input, "is needed: `tributary alerts list` shows it", "argument id");
    CO_TRY(const auto note, text_argument(arguments, "note"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        const auto entry = flow::audit_entry(world.clock, caller, "alert.ack", {{"alert", std::to_string(*id)}});
        std::optional<store::Alert> alert;
        CHECK_OK(world.store.write([&](store::Session& session) -> Result<void> {
            CHECK_OK(session.alerts().acknowledge(*id, caller.actor(), note.value_or(""), world.clock.now()));
            CHECK_OK(session.audit().append(std::span(&entry, 1)));
            TRY(alert, session.alerts().get(*id));
            return {};
        }));
        value::Builder out;
        out.begin_object().key("alert");
        write_alert(out, *alert);
        out.end();
        return out.take();
    });
}

// Without `since` what was told in the day before the alert counts too: a breach is older than its sign.
run::Task<Answer> incident(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto id, integer_argument(arguments, "id"));
    if (!id) co_return fail(Fault::bad_input, "is needed: `tributary alerts list` shows it", "argument id");
    CO_TRY(const auto destination, text_argument(arguments, "destination"));
    CO_TRY(const auto since, time_argument(arguments, "since"));
    CO_TRY(const auto until, time_argument(arguments, "until"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& world = gateway.world();
        if (destination && !world.connection(*destination))
            return fail(Fault::not_found, "there is no connection of this name", *destination);
        watch::Incident made;
        CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(const auto alert, session.alerts().get(*id));
            if (!alert) return fail(Fault::not_found, "there is no alert of this id", "alert " + std::to_string(*id));
            made = {.alert = alert->id,
                    .gateway = gateway.catalogue().config.gateway.name,
                    .rule = alert->rule,
                    .subject = alert->subject,
                    .severity = alert->severity,
                    .what = alert->what,
                    .opened_at = alert->opened_at,
                    .last_at = alert->last_at,
                    .times = alert->times,
                    .from = since.value_or(alert->opened_at - std::chrono::hours(24)),
                    .until = until.value_or(alert->last_at + Milliseconds(1)),
                    .destination = destination.value_or(""),
                    .told = {}};
            TRY(const auto reach, session.overview().disclosed(destination, made.from, made.until));
            made.subjects = reach.subjects;
            for (const auto& one : reach.counts) made.told.push_back({one.destination, one.purpose, one.subjects});
            return {};
        }));
        value::Builder out;
        out.begin_object().key("alert").integer(*id);
        out.key("subjects").integer(static_cast<std::int64_t>(made.subjects));
        out.key("from").text(record::timestamp_text(made.from)).key("until").text(record::timestamp_text(made.until));
        out.key("notify_by").text(record::timestamp_text(made.opened_at + std::chrono::hours(72)));
        out.key("text").text(watch::incident_text(made)).end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> alert_operations() {
    using api::field::flag, api::field::integer, api::field::list, api::field::object, api::field::one_of,
        api::field::text, api::field::time;
    using enum access::Permission;
    const api::Fields alert{integer("id"),
                            one_of("severity", {"warning", "critical"}),
                            text("rule"),
                            text("subject"),
                            text("what"),
                            integer("times"),
                            time("opened_at"),
                            time("last_at"),
                            time("told_at").or_empty(),
                            time("acked_at").or_empty(),
                            text("acked_by"),
                            text("note")};
    return {{"alerts.list",
             alert_read,
             list_alerts,
             {flag("all"), integer("before")},
             {integer("open"), list("alerts", alert)}},
            {"alerts.ack", alert_change, acknowledge, {integer("id").needed(), text("note")}, {object("alert", alert)}},
            {"alerts.incident",
             alert_read,
             incident,
             {integer("id").needed(), text("destination"), text("since"), text("until")},
             {integer("alert"), integer("subjects"), time("from"), time("until"), time("notify_by"), text("text")}}};
}

}  // namespace tributary::app
