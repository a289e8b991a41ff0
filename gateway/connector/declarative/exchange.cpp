#include "gateway/connector/declarative/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/credential_values.hpp"
#include "gateway/connector/declarative/url.hpp"

namespace tributary::connector {
namespace {

// A longer pause is not slept through: the caller is told and comes back.
constexpr Milliseconds kLongestPause = std::chrono::seconds(10);
constexpr Milliseconds kPauseWithoutHint = std::chrono::seconds(5);

bool applies(const SessionAuth& auth, std::string_view method) {
    return auth.methods.empty() || std::ranges::count(auth.methods, method) > 0;
}

}  // namespace

Exchange::Exchange(const Definition& definition, Setup setup, std::shared_ptr<run::RateGate> gate)
    : definition_(definition),
      setup_(std::move(setup)),
      gate_(std::move(gate)),
      logins_(definition.auth.sessions().size()),
      network_(setup_.network) {
    if (setup_.grants) grant_.emplace(setup_);
}

Scope Exchange::scope() const {
    Scope out;
    out.bind("settings", setup_.settings.root());
    out.bind("credentials", [this](std::string_view field) -> Result<std::optional<std::string>> {
        if (!setup_.credential)
            return fail(Fault::bad_config, fmt::format("the connection has no credentials, and '{}' is needed", field));
        auto secret = setup_.credential(field);
        if (!secret) {
            if (secret.error().fault == Fault::not_found) return std::nullopt;
            return pass(std::move(secret), "credentials");
        }
        return std::string(newest_value(secret->reveal()));
    });
    out.bind("nonce", [this](std::string_view) -> Result<std::optional<std::string>> {
        return to_hex(crypto::random_bytes(16, setup_.random));
    });
    out.bind_now(now());
    return out;
}

ErrorRules Exchange::rules(const Options& options) const {
    auto out = definition_.errors;
    if (options.rules) out.rules.insert(out.rules.begin(), options.rules->begin(), options.rules->end());
    return out;
}

Result<std::string> Exchange::base(const Scope& scope) const {
    if (definition_.base_url.empty()) return std::string();
    auto text = definition_.base_url.render_required(scope);
    if (!text) return pass(std::move(text), "base_url");
    return text;
}

// What all these log-ins have saved, for {session}.
value::Document Exchange::saved_values(const std::vector<Used>& used) const {
    value::Builder out;
    out.begin_object();
    for (const auto& each : used)
        for (const auto member : logins_.session(each.index).values()) out.key(member.key()).copy(member);
    out.end();
    return out.take();
}

Result<void> Exchange::attach_steps(std::size_t count, const Scope& scope, const std::vector<Used>& used,
                                    Draft& draft) const {
    std::size_t session = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& step = definition_.auth.steps[i];
        if (const auto* fixed = std::get_if<FixedAuth>(&step); fixed && active(fixed->when))
            CHECK_OK(attach(*fixed, scope, draft));
        const auto* auth = std::get_if<SessionAuth>(&step);
        if (!auth) continue;
        const auto index = session++;
        if (!std::ranges::count(used, index, &Used::index)) continue;
        CHECK_OK(attach(auth->attach, scope, draft));
        const auto& cookies = logins_.session(index).cookies();
        if (cookies.empty()) continue;
        const auto* before = net::find_header(draft.headers, "Cookie");
        draft.set_header("Cookie", before ? *before + "; " + cookies : cookies);
    }
    return {};
}

Result<net::HttpRequest> Exchange::build(const RequestTemplate& request, const Scope& scope, const Options& options,
                                         const std::vector<Used>& used) {
    TRY(const auto base_url, request.url.empty() ? base(scope) : Result<std::string>(std::string()));
    TRY(auto out, draft(request, base_url, scope));
    TRY(const auto headers, fill(definition_.defaults.headers, scope, Place::header));
    for (const auto& [name, text] : headers)
        if (!net::find_header(out.headers, name)) out.set_header(name, text);
    TRY(const auto query, fill(definition_.defaults.query, scope, Place::text));
    for (const auto& [name, text] : query)
        if (!std::ranges::count(out.query, name, [](const auto& pair) { return pair.first; }))
            out.set_query(name, text);
    if (options.shape) options.shape(out);
    if (request.anonymous) return out.finish();
    CHECK_OK(attach_steps(definition_.auth.steps.size(), scope, used, out));
    auto finished = out.finish();
    for (const auto& step : definition_.auth.steps) {
        if (const auto* signature = std::get_if<SignatureStep>(&step); signature && active(signature->when))
            CHECK_OK(sign(*signature, scope, finished));
        if (const auto* oauth1 = std::get_if<Oauth1Step>(&step); oauth1 && active(oauth1->when))
            CHECK_OK(sign(*oauth1, scope, finished));
    }
    return finished;
}

run::Task<Result<std::vector<Exchange::Used>>> Exchange::ensure_sessions(std::string method, Scope scope) {
    std::vector<Used> used;
    std::size_t index = 0;
    for (std::size_t step = 0; step < definition_.auth.steps.size(); ++step) {
        const auto* auth = std::get_if<SessionAuth>(&definition_.auth.steps[step]);
        if (!auth) continue;
        const auto session = index++;
        if (!applies(*auth, method) || !active(auth->when)) continue;
        const auto start = [this, at = TokenStep{session, step, auth}, &scope] {
            if (!at.auth->grant) return log_in_once(at, scope);
            return grant_ ? renew_grant(at, scope) : renew_in_memory(at, scope);
        };
        auto ready = co_await logins_.ensure(session, setup_.clock(), start);
        if (!ready) co_return pass(std::move(ready));
        used.push_back({session, auth, logins_.session(session).generation()});
    }
    co_return used;
}

run::Task<Result<void>> Exchange::wait_turn() {
    if (!gate_) co_return Result<void>{};
    const auto pause = gate_->paused_for();
    if (pause > kLongestPause)
        co_return fail(Error{Fault::rate_limited, "the rate budget of this credential is paused", {}, pause});
    const bool mine = co_await gate_->acquire();
    if (!mine) co_return fail(Fault::transient, "stopped while waiting for the rate budget");
    co_return Result<void>{};
}

run::Task<Exchange::Outcome> Exchange::send(net::HttpRequest request, const RequestTemplate& rule,
                                            net::HttpOptions options) {
    const auto url = parse_url(request.url);
    auto response = co_await setup_.http.send(std::move(request), options);
    if (!response) {
        auto& failure = response.error();
        // A host that the configuration names lies behind the address guard: every record would fail alike.
        if (failure.error.fault == Fault::refused && url && host_allowed(url->host, options.egress.hosts))
            failure.error.fault = Fault::bad_config;
        co_return std::unexpected(Failure{std::move(failure.error), failure.ambiguous});
    }
    if (response->url.empty() && url) response->url = url->text();
    co_return read_answer(*std::move(response), rule.answer ? *rule.answer : definition_.answer);
}

run::Task<Exchange::Outcome> Exchange::transmit(net::HttpRequest request, const RequestTemplate& rule,
                                                const Options& options, std::optional<Milliseconds> at_most) {
    auto network = options_for(request, rule);
    if (!network) co_return std::unexpected(Failure{std::move(network).error()});
    // A call that must end in time, a renewal under its lease, does not wait for the API's budget.
    if (!at_most) {
        auto turn = co_await wait_turn();
        if (!turn) co_return std::unexpected(Failure{std::move(turn).error()});
    }
    if (options.look_again && !co_await options.look_again()) co_return std::unexpected(Failure{run::Hold::too_late()});
    request.hold = options.hold;
    network->resend_safe = options.resend_safe;
    if (at_most) network->total_timeout = std::min(network->total_timeout, *at_most);
    co_return co_await send(std::move(request), rule, *std::move(network));
}

run::Task<Exchange::Outcome> Exchange::get_public(std::string url, Milliseconds at_most, std::size_t max_body) {
    static const RequestTemplate kPlain{.answer = AnswerForm{}, .anonymous = true};
    net::HttpRequest request{.url = std::move(url)};
    auto options = options_for(request, kPlain);
    if (!options) co_return std::unexpected(Failure{std::move(options).error()});
    options->total_timeout = std::min(options->total_timeout, at_most);
    options->max_body = std::min(options->max_body, max_body);
    co_return co_await send(std::move(request), kPlain, *std::move(options));
}

void Exchange::count(const Answer& answer, const std::optional<Error>& error) {
    if (!gate_) return;
    if (error && error->fault == Fault::rate_limited) {
        gate_->throttled(error->retry_after.value_or(kPauseWithoutHint));
        return;
    }
    if (!definition_.budget) return;
    for (const auto& signal : definition_.budget->signals)
        if (const auto spent = signal.read(answer)) gate_->used(spent->used, spent->of);
}

bool Exchange::refused(const std::vector<Used>& used, const Answer& answer, const std::optional<Error>& error) const {
    if (used.empty()) return false;
    if (error && error->fault == Fault::unauthorized) return true;
    return std::ranges::any_of(used, [&](const Used& each) {
        return std::ranges::any_of(each.auth->refused, [&](const Condition& when) { return when.holds(answer); });
    });
}

run::Task<Exchange::Outcome> Exchange::call(const RequestTemplate& request, Scope scope, Options options) {
    const auto judged_by = rules(options);
    for (bool again = true;; again = false) {
        Result<std::vector<Used>> used;
        if (!request.anonymous) used = co_await ensure_sessions(request.verb(), scope);
        if (!used) co_return std::unexpected(Failure{std::move(used).error()});
        const auto saved = saved_values(*used);
        scope.bind("session", saved.root());
        auto built = build(request, scope, options, *used);
        if (!built) co_return std::unexpected(Failure{std::move(built).error()});
        auto answer = co_await transmit(*std::move(built), request, options);
        if (!answer) co_return answer;
        if (options.fine && options.fine->holds(*answer)) co_return answer;
        auto error = judge(*answer, judged_by, now());
        count(*answer, error);
        if (refused(*used, *answer, error)) {
            for (const auto& each : *used) logins_.session(each.index).drop(each.generation);
            if (again) continue;
            if (!error) error = Error{Fault::unauthorized, "a fresh log-in was refused too"};
        }
        // An answer that came but cannot be read: what was asked may well have been done, unless its status says no.
        const bool denied = answer->status >= 400 && answer->status < 500;
        if (error) co_return std::unexpected(Failure{*std::move(error), answer->unreadable && !denied});
        for (const auto& each : *used)
            if (each.auth->cookies) logins_.session(each.index).take_cookies(*answer);
        co_return answer;
    }
}

}  // namespace tributary::connector
