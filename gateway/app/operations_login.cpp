// Logging in at a provider, in two steps: what the person has to open, then what the provider said to it. The command
// line holds what is between them, so the gateway keeps nothing of a login that nobody finishes.
#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/tell_act.hpp"
#include "gateway/connector/login.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

Result<connector::Login*> login_of(Gateway& gateway, value::Node arguments) {
    TRY(const auto name, needed_text(arguments, "connection"));
    const auto* connection = gateway.world().connection(name);
    if (!connection)
        return fail(Fault::not_found, "there is no such connection in the configuration", "connection " + name);
    auto* login = connection->connector->login();
    if (!login)
        return fail(Fault::bad_config,
                    "its connector takes no login: only auth of type oauth2 with grant authorization_code, device_code "
                    "or refresh_token does",
                    "connection " + name);
    return login;
}

Result<std::string> public_callback(Gateway& gateway) {
    const auto& url = gateway.catalogue().config.gateway.public_url;
    if (url.empty())
        return fail(Fault::bad_config, "a login by the public face needs the address that the world knows it by",
                    "gateway.public_url");
    return url + std::string(PublicLogins::kPath);
}

run::Task<Answer> begin_here(Gateway& gateway, access::Caller, value::Node arguments) {
    CO_TRY(auto* login, login_of(gateway, arguments));
    CO_TRY(const bool wants_device, flag_argument(arguments, "device"));
    CO_TRY(auto redirect_uri, text_argument(arguments, "redirect_uri"));
    CO_TRY(const bool is_public, flag_argument(arguments, "public"));
    if (is_public) {
        CO_TRY(redirect_uri, public_callback(gateway));
    }
    value::Builder out;
    out.begin_object();
    if (wants_device || !login->browser()) {
        CO_TRY(const auto begun, co_await login->begin_device());
        out.key("device_code").text(begun.device_code).key("user_code").text(begun.user_code);
        out.key("page").text(begun.page).key("whole_page").text(begun.whole_page);
        out.key("interval").integer(begun.interval.count());
        out.key("end").text(record::timestamp_text(begun.end));
    } else {
        if (!redirect_uri) {
            CO_TRY(redirect_uri, login->redirect_uri());
        }
        CO_TRY(const auto begun, login->begin_browser(*redirect_uri));
        if (is_public) CO_CHECK_OK(gateway.public_logins().expect(begun.state, gateway.world().clock.now()));
        out.key("url").text(begun.url).key("redirect_uri").text(begun.redirect_uri);
        out.key("state").text(begun.state).key("code_verifier").text(begun.code_verifier);
    }
    out.end();
    co_return out.take();
}

// For a login that was begun with `public`: {"waiting": true}, or what the browser brought.
run::Task<Answer> await_here(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto state, needed_text(arguments, "state"));
    CO_TRY(const auto query, gateway.public_logins().take(state, gateway.world().clock.now()));
    value::Builder out;
    out.begin_object().key("waiting").boolean(!query);
    if (query) out.key("query").text(*query);
    co_return out.end().take();
}

run::Task<Result<connector::LoggedIn>> finish(connector::Login& login, value::Node arguments) {
    CO_TRY(const auto device, text_argument(arguments, "device_code"));
    if (device) {
        CO_TRY(const auto interval, integer_argument(arguments, "interval"));
        CO_TRY(const auto end, time_argument(arguments, "end"));
        connector::DeviceLogin begun{.device_code = *device, .interval = Milliseconds(interval.value_or(5000))};
        if (end) begun.end = *end;
        co_return co_await login.await_device(std::move(begun));
    }
    CO_TRY(const auto code, needed_text(arguments, "code"));
    CO_TRY(const auto redirect_uri, needed_text(arguments, "redirect_uri"));
    CO_TRY(const auto verifier, text_argument(arguments, "code_verifier"));
    CO_TRY(const auto query, text_argument(arguments, "query"));
    co_return co_await login.redeem({code, query.value_or("")},
                                    {.redirect_uri = redirect_uri, .code_verifier = verifier.value_or("")});
}

run::Task<Answer> finish_here(Gateway& gateway, access::Caller caller, value::Node arguments) {
    CO_TRY(auto* login, login_of(gateway, arguments));
    CO_CHECK_OK(co_await tell_act(gateway, caller, "connection.login",
                                  {{"connection", std::string(arguments.find("connection").text())}}));
    CO_TRY(const auto done, co_await finish(*login, arguments));
    gateway.log().info("logged in", {{"connection", arguments.find("connection").text()}});
    value::Builder out;
    out.begin_object().key("connection").text(arguments.find("connection").text()).key("logged_in").boolean(true);
    out.key("token_until").text(done.expires ? record::timestamp_text(*done.expires) : "");
    out.key("renewable").boolean(done.renewable).key("scope").text(done.scope).end();
    co_return out.take();
}

// A connection's roles run on its loop, wherever the operation was asked for.
template <run::Task<Answer> (*Step)(Gateway&, access::Caller, value::Node)>
run::Task<Answer> on_loop(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await boost::asio::co_spawn(gateway.loop().executor(), Step(gateway, caller, arguments),
                                             boost::asio::use_awaitable);
}

}  // namespace

std::vector<NamedOperation> login_operations() {
    using api::field::flag, api::field::integer, api::field::text;
    using enum access::Permission;
    return {{"login.begin",
             connection_change,
             on_loop<begin_here>,
             {text("connection").needed(), flag("device"), text("redirect_uri"), flag("public")},
             {text("device_code"), text("user_code"), text("page"), text("whole_page"), integer("interval"),
              text("end"), text("url"), text("redirect_uri"), text("state"), text("code_verifier")}},
            {"login.await", connection_change, await_here, {text("state").needed()}, {flag("waiting"), text("query")}},
            {"login.finish",
             connection_change,
             on_loop<finish_here>,
             {text("connection").needed(), text("device_code"), integer("interval"), text("end"), text("code"),
              text("redirect_uri"), text("code_verifier"), text("query")},
             {text("connection"), flag("logged_in"), text("token_until"), flag("renewable"), text("scope")}}};
}

}  // namespace tributary::app
