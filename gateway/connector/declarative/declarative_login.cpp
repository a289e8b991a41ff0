#include "gateway/connector/declarative/declarative_login.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::connector {

using namespace std::chrono_literals;
using vault::CallEnd;

namespace {

constexpr Milliseconds kInterval = 5s, kSlower = 5s, kLongestInterval = 60s;
constexpr Milliseconds kDeviceLife = 10min, kLongestDeviceLife = 1h;

std::string random_text(std::size_t bytes, crypto::Random& random) {
    return to_base64url(crypto::random_bytes(bytes, random));
}

std::string text_of(const Answer& answer, std::string_view name) {
    return answer.root().find(name).scalar_text();
}

Milliseconds seconds_in(const Answer& answer, std::string_view name, Milliseconds fallback, Milliseconds most) {
    const auto number = to_integer(text_of(answer, name));
    if (!number || *number <= 0) return fallback;
    return *number > most / 1s ? most : Milliseconds(std::chrono::seconds(*number));
}

std::unexpected<Error> no_vault() {
    return fail(Fault::bad_config, "there is no vault to keep the tokens in");
}

}  // namespace

std::string s256(std::string_view code_verifier) {
    return to_base64url(crypto::sha256(code_verifier).view());
}

DevicePoll device_poll(CallEnd end, const Answer* answer) {
    if (end == CallEnd::granted) return DevicePoll::granted;
    // RFC 8628 3.5: a connection that timed out is tried again, at a slower pace.
    if (!answer) return DevicePoll::slow_down;
    const auto error = answer->root().find("error").text();
    if (error == "authorization_pending") return DevicePoll::pending;
    if (error == "slow_down") return DevicePoll::slow_down;
    if (error == "access_denied") return DevicePoll::denied;
    if (error == "expired_token") return DevicePoll::expired;
    return answer->status >= 500 || answer->status == 429 ? DevicePoll::slow_down : DevicePoll::failed;
}

Result<std::string> DeclarativeLogin::redirect_uri() const {
    return grant().redirect_uri.render_required(exchange_.scope());
}

Result<BrowserLogin> DeclarativeLogin::begin_browser(std::string redirect_uri) {
    if (!browser())
        return fail(Fault::bad_config, "this connector takes no login in a browser: its auth has no authorize_url");
    const auto scope = exchange_.scope();
    BrowserLogin out;
    out.redirect_uri = std::move(redirect_uri);
    out.state = random_text(24, exchange_.setup().random);
    std::vector<std::pair<std::string, std::string>> query{{"response_type", "code"},
                                                           {"redirect_uri", out.redirect_uri}};
    TRY(const auto own, fill(grant().authorize_query, scope, Place::text));
    query.insert(query.end(), own.begin(), own.end());
    query.emplace_back("state", out.state);
    if (grant().pkce) {
        out.code_verifier = random_text(48, exchange_.setup().random);
        query.emplace_back("code_challenge", s256(out.code_verifier));
        query.emplace_back("code_challenge_method", "S256");
    }
    TRY(out.url, grant().authorize_url.render_required(scope));
    out.url += (out.url.contains('?') ? '&' : '?') + encode_query(query);
    return out;
}

run::Task<Result<LoggedIn>> DeclarativeLogin::keep(Answer answer, Scope scope) {
    auto tokens = exchange_.tokens_in(*at_.auth, answer, scope);
    if (!tokens) co_return pass(std::move(tokens));
    auto terms = exchange_.terms(grant(), scope);
    if (!terms) co_return pass(std::move(terms));
    LoggedIn out{tokens->expires, !tokens->refresh_token.empty(), text_of(answer, "scope")};
    auto kept = co_await exchange_.grant_session()->replace(*std::move(terms), *std::move(tokens));
    if (!kept) co_return pass(std::move(kept));
    co_return out;
}

Result<void> DeclarativeLogin::check_signed(const Redirected& back, const BrowserLogin& login) const {
    if (!grant().callback) return {};
    const InboundRequest request{
        .method = "GET", .url = login.redirect_uri + "?" + back.query, .target = "/?" + back.query};
    SignatureValues values(request, exchange_.setup().credential);
    values.scope().bind("settings", exchange_.setup().settings.root());
    auto done = grant().callback->verify(values, exchange_.now());
    if (!done && done.error().fault == Fault::unauthorized)
        return fail(Fault::unauthorized, "what the browser brought back is not what the provider signed (" +
                                             done.error().what +
                                             "): begin the login again, and give the whole address as it came");
    return done;
}

run::Task<Result<LoggedIn>> DeclarativeLogin::redeem(Redirected back, BrowserLogin login) {
    if (!exchange_.grant_session()) co_return no_vault();
    CO_CHECK_OK(check_signed(back, login));
    auto scope = exchange_.scope();
    value::Builder fields;
    fields.begin_object().key("code").text(back.code).key("redirect_uri").text(login.redirect_uri);
    fields.key("code_verifier").text(login.code_verifier).end();
    const auto document = fields.take();
    scope.bind("login", document.root());
    auto asked = co_await exchange_.ask(at_, grant().redeem, scope);
    if (asked.end == CallEnd::refused)
        co_return fail(Fault::unauthorized,
                       "the provider refused the code (" + asked.error.what + "): begin the login again");
    if (asked.end != CallEnd::granted) co_return fail(std::move(asked.error));
    if (grant().exchanged) {
        // What the code gave may be gone in an hour, long before the connection is first used.
        scope.bind("refresh_token", text_of(*asked.answer, "access_token"));
        asked = co_await exchange_.ask(at_, at_.auth->login, scope);
        if (asked.end != CallEnd::granted) co_return fail(std::move(asked.error));
    }
    co_return co_await keep(*std::move(asked.answer), std::move(scope));
}

run::Task<Result<DeviceLogin>> DeclarativeLogin::begin_device() {
    if (!device())
        co_return fail(Fault::bad_config, "this connector takes no device login: its auth has no device_url");
    auto asked = co_await exchange_.ask(at_, *grant().device_ask, exchange_.scope());
    if (asked.end != CallEnd::granted) co_return fail(std::move(asked.error));
    const auto& answer = *asked.answer;
    DeviceLogin out{.device_code = text_of(answer, "device_code"),
                    .user_code = text_of(answer, "user_code"),
                    .page = text_of(answer, "verification_uri"),
                    .whole_page = text_of(answer, "verification_uri_complete")};
    if (out.page.empty()) out.page = text_of(answer, "verification_url");  // Google's name of it
    if (out.device_code.empty() || out.user_code.empty() || out.page.empty())
        co_return fail(Fault::transient, "the device endpoint gave no device_code, user_code or verification_uri");
    out.interval = seconds_in(answer, "interval", kInterval, kLongestInterval);
    out.end = exchange_.now() + seconds_in(answer, "expires_in", kDeviceLife, kLongestDeviceLife);
    co_return out;
}

run::Task<Result<LoggedIn>> DeclarativeLogin::await_device(DeviceLogin login) {
    if (!exchange_.grant_session()) co_return no_vault();
    if (!device()) co_return fail(Fault::bad_config, "this connector takes no device login");
    auto scope = exchange_.scope();
    value::Builder fields;
    fields.begin_object().key("device_code").text(login.device_code).end();
    const auto document = fields.take();
    scope.bind("login", document.root());
    auto interval = std::clamp(login.interval, Milliseconds(1s), kLongestInterval);
    while (exchange_.now() < login.end) {
        if (!co_await exchange_.setup().timers.sleep_for(interval))
            co_return fail(Fault::transient, "stopped while waiting for the login");
        auto asked = co_await exchange_.ask(at_, *grant().device_redeem, scope);
        switch (device_poll(asked.end, asked.answer ? &*asked.answer : nullptr)) {
            case DevicePoll::granted:
                co_return co_await keep(*std::move(asked.answer), std::move(scope));
            case DevicePoll::pending:
                break;
            case DevicePoll::slow_down:
                interval = std::min(interval + kSlower, kLongestInterval);
                break;
            case DevicePoll::denied:
                co_return fail(Fault::unauthorized, "the login was denied");
            case DevicePoll::expired:
                co_return fail(Fault::unauthorized, "the code was not entered in time: begin again");
            case DevicePoll::failed:
                co_return fail(std::move(asked.error));
        }
    }
    co_return fail(Fault::unauthorized, "the code was not entered in time: begin again");
}

}  // namespace tributary::connector
