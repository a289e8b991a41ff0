// The logins of an Exchange: token and login requests, and what becomes of their answers.
#include <algorithm>

#include "gateway/connector/declarative/exchange.hpp"

namespace tributary::connector {

using vault::CallEnd;

namespace {

// RFC 6749 5.2: the refresh token or code was refused. Where a provider says so in another way, its file does
// (`ended`).
bool invalid_grant(const Answer& answer) {
    return answer.status >= 400 && answer.status < 500 && answer.root().find("error").text() == "invalid_grant";
}

std::string refresh_token_in(const SessionAuth& auth, const Answer& answer) {
    return answer.root().find(auth.grant && auth.grant->exchanged ? "access_token" : "refresh_token").scalar_text();
}

// An answer that leaves open what the token endpoint did: cut short, or of something that stands in between.
bool open_ended(const Answer& answer) {
    return (answer.unreadable && answer.status < 300) || answer.status == 502 || answer.status == 504;
}

}  // namespace

bool Exchange::active(const When& when) const {
    return std::ranges::all_of(when, [&](const auto& setting) {
        return setup_.settings.root().find(setting.name).scalar_text() == setting.value;
    });
}

std::vector<Exchange::Used> Exchange::sessions_before(std::size_t session) const {
    std::vector<Used> out;
    const auto all = definition_.auth.sessions();
    for (std::size_t i = 0; i < session; ++i)
        if (active(all[i]->when)) out.push_back({i, nullptr, 0});
    return out;
}

bool Exchange::has_session() const {
    return std::ranges::any_of(definition_.auth.sessions(), [&](const auto* auth) { return active(auth->when); });
}

run::Task<Result<std::string>> Exchange::session_token() {
    auto used = co_await ensure_sessions("GET", scope());
    if (!used) co_return pass(std::move(used));
    auto token = saved_values(*used).root().find("access_token").scalar_text();
    if (token.empty()) co_return fail(Fault::bad_config, "none of its logins gives an access_token", "auth");
    co_return token;
}

void Exchange::drop_session(std::string_view token) {
    for (std::size_t i = 0; i < definition_.auth.sessions().size(); ++i) {
        auto& session = logins_.session(i);
        if (session.values().find("access_token").scalar_text() == token) session.drop(session.generation());
    }
}

std::optional<Exchange::TokenStep> Exchange::granted() const {
    std::size_t session = 0;
    for (std::size_t step = 0; step < definition_.auth.steps.size(); ++step) {
        const auto* auth = std::get_if<SessionAuth>(&definition_.auth.steps[step]);
        if (!auth) continue;
        if (auth->grant && active(auth->when)) return TokenStep{session, step, auth};
        ++session;
    }
    return std::nullopt;
}

run::Task<Exchange::TokenAnswer> Exchange::ask(TokenStep at, const RequestTemplate& request, Scope scope,
                                               bool renewing) {
    const auto before = sessions_before(at.session);
    auto known = before;
    if (renewing) known.push_back({at.session, at.auth, 0});
    const auto saved = saved_values(known);
    scope.bind("session", saved.root());
    const auto built = [&]() -> Result<net::HttpRequest> {
        if (at.auth->assertion) {
            TRY(auto assertion, at.auth->assertion->make(scope, now()));
            scope.bind("assertion", std::move(assertion));
        }
        TRY(const auto base_url, request.url.empty() ? base(scope) : Result<std::string>(std::string()));
        TRY(auto out, draft(request, base_url, scope));
        CHECK_OK(attach_steps(at.step, scope, before, out));
        for (const auto& fixed : at.auth->login_auth) CHECK_OK(attach(fixed, scope, out));
        auto finished = out.finish();
        if (at.auth->sign) CHECK_OK(sign(*at.auth->sign, scope, finished));
        return finished;
    };
    auto ready = built();
    if (!ready) co_return TokenAnswer{.error = std::move(ready).error().in("log-in")};
    // A code or a rotating refresh token is good for one request.
    const bool once = at.auth->grant.has_value();
    auto outcome = co_await transmit(*std::move(ready), request, {.resend_safe = !once},
                                     once ? std::optional(kGrantCall) : std::nullopt);
    if (!outcome) {
        auto& failure = outcome.error();
        co_return TokenAnswer{.end = failure.ambiguous ? CallEnd::unknown : CallEnd::failed,
                              .error = std::move(failure.error).in("log-in")};
    }
    auto error = judge(*outcome, definition_.errors, now());
    count(*outcome, error);
    const bool ended =
        once && std::ranges::any_of(at.auth->grant->ended, [&](const Condition& when) { return when.holds(*outcome); });
    if (ended && !error) error = Error{Fault::unauthorized, "the login has ended"};
    if (!error) co_return TokenAnswer{.end = CallEnd::granted, .answer = *std::move(outcome)};
    // Where an access token is exchanged for another, the endpoint answers as the API does: unauthorized is about it.
    const bool dead = once && at.auth->grant->exchanged && error->fault == Fault::unauthorized;
    // A token endpoint says "invalid_client" with 400: that is no broken record.
    if (error->fault == Fault::bad_input || error->fault == Fault::not_found) error->fault = Fault::unauthorized;
    const auto end = dead || ended || invalid_grant(*outcome) ? CallEnd::refused
                     : open_ended(*outcome)                   ? CallEnd::unknown
                                                              : CallEnd::failed;
    co_return TokenAnswer{.end = end, .answer = *std::move(outcome), .error = (*std::move(error)).in("log-in")};
}

run::Task<Result<void>> Exchange::log_in_once(TokenStep at, Scope scope) {
    if (at.auth->renew && logins_.session(at.session).renewable()) {
        auto renewed = co_await log_in_by(at, *at.auth->renew, scope, true);
        // Only a refusal ends it: where nobody answers, a log-in would not help.
        if (renewed || renewed.error().fault != Fault::unauthorized) co_return renewed;
    }
    co_return co_await log_in_by(at, at.auth->login, std::move(scope), false);
}

run::Task<Result<void>> Exchange::log_in_by(TokenStep at, const RequestTemplate& request, Scope scope, bool renewing) {
    auto asked = co_await ask(at, request, scope, renewing);
    if (asked.end != CallEnd::granted) co_return fail(std::move(asked.error));
    auto taken = logins_.session(at.session).take(*at.auth, *asked.answer, scope, now(), renewing);
    if (!taken) co_return pass(std::move(taken), "log-in");
    co_return Result<void>{};
}

Result<vault::Tokens> Exchange::tokens_in(const SessionAuth& auth, const Answer& answer, const Scope& scope) const {
    Session fresh;
    if (auto taken = fresh.take(auth, answer, scope, now()); !taken) return pass(std::move(taken), "log-in");
    vault::Tokens out{.obtained = now(), .expires = fresh.end()};
    for (const auto member : fresh.values())
        out.values.emplace(member.key(), crypto::SecretBytes(member.scalar_text()));
    out.refresh_token = crypto::SecretBytes(refresh_token_in(auth, answer));
    return out;
}

Result<GrantSession::Terms> Exchange::terms(const GrantAuth& grant, const Scope& scope) const {
    GrantSession::Terms out{.lost_answer = grant.lost_answer};
    if (!grant.seed.empty()) {
        TRY(auto seed, grant.seed.render(scope));
        out.seed = std::move(seed).value_or("");
    }
    TRY(out.issuer, grant.token_url.render_required(scope));
    return out;
}

run::Task<Result<void>> Exchange::renew_grant(TokenStep at, Scope scope) {
    auto terms = this->terms(*at.auth->grant, scope);
    if (!terms) co_return pass(std::move(terms), "log-in");
    terms->refused = logins_.session(at.session).refused();
    // It outlives hold(), which is awaited below.
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
    const GrantSession::Call call = [this, at, &scope](std::string token) -> run::Task<GrantSession::Ended> {
        scope.bind("refresh_token", std::move(token));
        auto asked = co_await ask(at, at.auth->login, scope);
        if (asked.end != CallEnd::granted)
            co_return GrantSession::Ended{.end = asked.end, .error = std::move(asked.error)};
        auto tokens = tokens_in(*at.auth, *asked.answer, scope);
        // 200 without a token: it may well have taken ours.
        if (!tokens) co_return GrantSession::Ended{.end = CallEnd::unknown, .error = std::move(tokens).error()};
        co_return GrantSession::Ended{.end = CallEnd::granted, .tokens = *std::move(tokens)};
    };
    auto held = co_await grant_->hold(*std::move(terms), call);
    if (!held) co_return pass(std::move(held));
    logins_.session(at.session).adopt(std::move(held->values), held->version, held->until);
    co_return Result<void>{};
}

run::Task<Result<void>> Exchange::renew_in_memory(TokenStep at, Scope scope) {
    auto terms = this->terms(*at.auth->grant, scope);
    if (!terms) co_return pass(std::move(terms), "log-in");
    if (refresh_token_.empty()) refresh_token_ = terms->seed;
    if (refresh_token_.empty()) co_return fail(Fault::unauthorized, "there is no refresh token among the credentials");
    scope.bind("refresh_token", refresh_token_);
    auto asked = co_await ask(at, at.auth->login, scope);
    if (asked.end != CallEnd::granted) co_return fail(std::move(asked.error));
    auto taken = logins_.session(at.session).take(*at.auth, *asked.answer, scope, now());
    if (!taken) co_return pass(std::move(taken), "log-in");
    if (auto rotated = refresh_token_in(*at.auth, *asked.answer); !rotated.empty()) refresh_token_ = std::move(rotated);
    co_return Result<void>{};
}

}  // namespace tributary::connector
