#include "gateway/connector/declarative/rest_subscriptions.hpp"

#include <algorithm>
#include <utility>

#include "gateway/connector/declarative/read_all.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::connector {

bool RestSubscriptions::needs_renewal(const Subscription& one) const {
    return !one.alive || (one.expires && *one.expires - exchange_.now() < rule_.renew_before);
}

bool RestSubscriptions::same_topics(const Subscription& one, std::vector<std::string> wanted) const {
    if (rule_.topics.empty()) return true;
    auto there = one.topics;
    std::ranges::sort(there);
    std::ranges::sort(wanted);
    return there == wanted;
}

// A process may have ended between a subscription and the keeping of its secret.
Result<bool> RestSubscriptions::lacks_secret() const {
    for (const auto& [credential, _] : rule_.keep) {
        const auto there = exchange_.setup().credential(credential);
        if (!there && there.error().fault == Fault::not_found) return true;
        if (!there) return fail(there.error());
    }
    return false;
}

run::Task<Result<void>> RestSubscriptions::keep(const Answer& answer, const Scope& scope) {
    for (const auto& [credential, where] : rule_.keep) {
        CO_TRY(const auto text, where.read(answer, scope));
        if (!text || text->empty())
            co_return fail(Fault::transient, "the answer does not tell the " + credential, "create");
        const crypto::SecretBytes secret(*text);
        const auto& setup = exchange_.setup();
        CO_CHECK_OK(co_await run::on(setup.blocking, [&] { return setup.keep_credential(credential, secret); }));
    }
    co_return Result<void>{};
}

run::Task<Result<std::vector<Subscription>>> RestSubscriptions::list(std::string url) {
    if (!rule_.list) co_return std::vector<Subscription>{};
    auto scope = exchange_.scope();
    scope.bind("callback_url", url);
    auto rows = co_await read_all(exchange_, *rule_.list, scope, &rule_.errors);
    if (!rows) co_return pass(std::move(rows), "list");
    std::vector<Subscription> out;
    for (const auto& row : *rows) {
        value::Builder one;
        one.begin_array().copy(row.root()).end();
        const auto alone = one.take();
        CO_TRY(const auto ours, first_match(alone.root(), rule_.match, scope));
        if (!ours) continue;
        Subscription found{.id = find_in(row.root(), rule_.id).scalar_text(), .topic = {}, .expires = {}};
        if (!rule_.topic.empty()) found.topic = find_in(row.root(), rule_.topic).scalar_text();
        for (const auto topic : rule_.topics.empty() ? value::Node{} : find_in(row.root(), rule_.topics))
            found.topics.push_back(topic.scalar_text());
        if (!rule_.expires.empty()) found.expires = rule_.expires_form.read(find_in(row.root(), rule_.expires));
        if (rule_.alive) found.alive = rule_.alive->holds(row.root());
        // One that holds all topics may be listed once for each of them.
        const bool known = std::ranges::any_of(
            out, [&](const Subscription& other) { return other.id == found.id && other.topic == found.topic; });
        if (known) continue;
        out.push_back(std::move(found));
    }
    co_return out;
}

run::Task<Result<void>> RestSubscriptions::ask(const RequestTemplate& request, std::string url,
                                               const Subscription& about) {
    auto scope = exchange_.scope();
    scope.bind("callback_url", std::move(url)).bind("id", about.id).bind("topic", about.topic);
    auto answer = co_await exchange_.call(request, std::move(scope), {.rules = &rule_.errors, .resend_safe = true});
    if (!answer) co_return fail(std::move(answer.error().error));
    co_return Result<void>{};
}

run::Task<Result<void>> RestSubscriptions::make(std::string url, std::string topic,
                                                const std::vector<std::string>& all) {
    if (!rule_.keep.empty() && !exchange_.setup().keep_credential)
        co_return fail(Fault::bad_config,
                       "the system tells its secret only once: write credentials: ${secret:NAME}, where it can be kept",
                       "create");
    value::Builder list;
    list.begin_array();
    for (const auto& each : all) list.text(each);
    const auto topics = list.end().take();
    auto scope = exchange_.scope();
    scope.bind("callback_url", url).bind("topic", topic).bind("topics", topics.root());
    auto answer = co_await exchange_.call(rule_.create, scope, {.rules = &rule_.errors});
    if (!answer) co_return fail(std::move(answer.error().error).in(topic.empty() ? "create" : "create " + topic));
    auto kept = co_await keep(*answer, scope);
    if (!kept) {
        // One whose secret is not known would only be refused.
        const Subscription made{.id = find_in(answer->root(), rule_.id).scalar_text(), .topic = topic, .expires = {}};
        if (auto removed = co_await ask(*rule_.remove, url, made); !removed)
            exchange_.setup().log.warn("a subscription without its secret was left over",
                                       {{"connection", exchange_.setup().connection}, {"id", made.id}});
    }
    co_return kept;
}

run::Task<Result<void>> RestSubscriptions::renew(std::string url, const Subscription& old,
                                                 const std::vector<std::string>& all, bool anew) {
    if (rule_.renew && !anew) {
        auto renewed = co_await ask(*rule_.renew, url, old);
        // Gone in between: it is made anew below.
        if (renewed || renewed.error().fault != Fault::not_found) co_return renewed;
    } else {
        auto removed = co_await ask(*rule_.remove, url, old);
        if (!removed && removed.error().fault != Fault::not_found) co_return removed;
    }
    co_return co_await make(std::move(url), old.topic, all);
}

run::Task<Result<SubscriptionChanges>> RestSubscriptions::settle(std::string url, std::vector<std::string> topics) {
    std::erase_if(topics, [this](const std::string& topic) { return !webhooks_.subscribes(topic); });
    CO_TRY(auto there, co_await list(url));
    CO_TRY(const auto lacking, lacks_secret());
    const auto wanted = rule_.topic.empty() ? std::vector<std::string>{""} : topics;
    // Of several for one topic the one that lasts longest stays.
    std::ranges::sort(there, [](const Subscription& a, const Subscription& b) {
        constexpr auto kForever = Timestamp::max();
        return std::pair(b.expires.value_or(kForever), a.id) < std::pair(a.expires.value_or(kForever), b.id);
    });
    SubscriptionChanges changes;
    std::vector<std::string> served;
    for (const auto& one : there) {
        const bool extra = !std::ranges::count(wanted, one.topic) || std::ranges::count(served, one.topic);
        if (extra && rule_.remove) {
            auto removed = co_await ask(*rule_.remove, url, one);
            if (!removed && removed.error().fault != Fault::not_found) co_return pass(std::move(removed), "remove");
            ++changes.removed;
        } else if (const bool others = !same_topics(one, topics); !extra && (lacking || others || needs_renewal(one))) {
            auto renewed = co_await renew(url, one, topics, lacking || others);
            if (!renewed) co_return pass(std::move(renewed), "renew");
            ++changes.renewed;
        } else if (!extra) {
            ++changes.kept;
        }
        if (!extra) served.push_back(one.topic);
    }
    for (const auto& topic : wanted) {
        if (std::ranges::count(served, topic)) continue;
        CO_CHECK_OK(co_await make(url, topic, topics));
        // Of one that cannot be listed only the first is news.
        ++(std::exchange(made_, !rule_.list) ? changes.kept : changes.created);
    }
    co_return changes;
}

run::Task<Result<std::size_t>> RestSubscriptions::remove_all(std::string url) {
    if (!rule_.remove) co_return fail(Fault::bad_config, "this connector does not say how a subscription is removed");
    CO_TRY(auto there, co_await list(url));
    if (!rule_.list) there.emplace_back();
    for (const auto& one : there) {
        auto removed = co_await ask(*rule_.remove, url, one);
        if (!removed && removed.error().fault != Fault::not_found) co_return pass(std::move(removed), "remove");
    }
    co_return there.size();
}

}  // namespace tributary::connector
