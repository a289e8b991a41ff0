#include "gateway/flow/alert_notifier.hpp"

#include "gateway/base/base64.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kAtOnce = 20;
constexpr Milliseconds kRest = std::chrono::seconds(30);

}  // namespace

std::string webhook_key(std::string_view secret) {
    constexpr std::string_view kPrefix = "whsec_";
    if (!secret.starts_with(kPrefix)) return std::string(secret);
    return from_base64(secret.substr(kPrefix.size())).value_or(std::string(secret));
}

value::Document alert_message(const store::Alert& alert, const std::string& gateway) {
    value::Builder out;
    out.begin_object().key("type").text("alert").key("gateway").text(gateway).key("id").integer(alert.id);
    out.key("rule").text(alert.rule).key("subject").text(alert.subject).key("severity").text(alert.severity);
    out.key("what").text(alert.what).key("times").integer(static_cast<std::int64_t>(alert.times));
    out.key("opened_at").text(record::timestamp_text(alert.opened_at));
    out.key("last_at").text(record::timestamp_text(alert.last_at));
    out.key("runbook").text("docs/runbook.md#" + alert.rule);
    out.key("title")
        .text(alert.severity + ": " + alert.rule + (alert.subject.empty() ? "" : " " + alert.subject))
        .end();
    return out.take();
}

run::Task<Result<void>> send_mail(World& world, MailRoute route, value::Document mail, std::string key) {
    const auto* connection = world.connection(route.connection);
    auto* sink = connection ? connection->connector->sink() : nullptr;
    if (!sink) co_return fail(Fault::bad_config, "there is no connection of this name that sends", route.connection);
    std::vector<connector::Push> items;
    auto& item = items.emplace_back();
    item.record = std::move(mail);
    item.idempotency_key = std::move(key);
    auto outcomes = co_await sink->push(route.action, std::move(items));
    if (outcomes.size() != 1) co_return fail(Fault::internal, "the mail has no outcome", route.connection);
    if (!outcomes.front().result) co_return pass(std::move(outcomes.front().result), "connection " + route.connection);
    co_return Result<void>{};
}

Result<std::vector<store::Alert>> AlertNotifier::due() {
    std::vector<store::Alert> alerts;
    CHECK_OK(world_.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(alerts, session.alerts().untold(world_.clock.now() - options_.repeat, kAtOnce));
        return {};
    }));
    return alerts;
}

run::Task<Result<void>> AlertNotifier::post(const store::Alert& alert, const value::Document& body) {
    auto& hook = *options_.webhook;
    auto secret = co_await run::on(world_.pool, [&] { return hook.secret(); });
    if (!secret) co_return pass(std::move(secret), "watch.webhook.secret");
    const auto id = "alert-" + options_.gateway + "-" + std::to_string(alert.id) + "-" + std::to_string(alert.times);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(world_.clock.now()).time_since_epoch().count();
    const auto at = std::to_string(seconds);
    net::HttpRequest request;
    request.method = "POST";
    request.url = hook.url;
    request.body = value::to_json(body.root());
    const auto code = crypto::hmac(crypto::Hash::sha256, webhook_key(*secret), id + "." + at + "." + request.body);
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", id},
                       {"webhook-timestamp", at},
                       {"webhook-signature", "v1," + to_base64(code)}};
    auto answer = co_await http_.send(std::move(request), hook.options);
    if (!answer) co_return fail(std::move(answer.error().error).in("watch.webhook"));
    if (!answer->ok())
        co_return fail(Fault::transient, "answered with status " + std::to_string(answer->status), "watch.webhook");
    co_return Result<void>{};
}

run::Task<> AlertNotifier::tell() {
    if (!options_.webhook && !options_.mail) co_return;
    if (world_.clock.steady() < rests_until_) co_return;
    auto mine = co_await run::on(world_.pool, [this] { return duty_.begin(); });
    if (!mine) world_.log.error("whose turn it is to tell of alerts cannot be told", mine.error());
    if (!mine || !*mine) co_return;  // another tells
    co_await tell_what_is_due();
    auto ended = co_await run::on(world_.pool, [this] { return duty_.end(); });
    if (!ended) world_.log.error("the turn to tell of alerts was not given back", ended.error());
}

run::Task<> AlertNotifier::tell_what_is_due() {
    auto alerts = co_await run::on(world_.pool, [this] { return due(); });
    if (!alerts) {
        world_.log.error("alerts cannot be read", alerts.error());
        co_return;
    }
    for (const auto& alert : *alerts) {
        auto body = alert_message(alert, options_.gateway);
        Result<void> told;
        if (options_.webhook) told = co_await post(alert, body);
        if (told && options_.mail)
            told = co_await send_mail(world_, *options_.mail, std::move(body),
                                      "alert-" + std::to_string(alert.id) + "-" + std::to_string(alert.times));
        if (!told) {
            world_.log.error("nobody was told of an alert", told.error(), {{"alert", alert.id}, {"rule", alert.rule}});
            rests_until_ = world_.clock.steady() + kRest;
            co_return;
        }
        auto kept = co_await run::on(world_.pool, [&] {
            return world_.store.write(
                [&](store::Session& session) { return session.alerts().told(alert.id, world_.clock.now()); });
        });
        if (!kept) world_.log.error("an alert may be told twice", kept.error(), {{"alert", alert.id}});
    }
}

}  // namespace tributary::flow
