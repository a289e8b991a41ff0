// What everybody does with their own account: log in and out, change password and second factor.
#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;

Result<void> users_only(const access::Caller& caller) {
    if (!caller.is_user()) return fail(Fault::refused, "only a user with a session has an account", "account");
    return {};
}

run::Task<Answer> open_session(Gateway& gateway, value::Node arguments) {
    flow::Credentials credentials;
    CO_TRY(credentials.name, needed_text(arguments, "name"));
    CO_TRY(credentials.password, needed_text(arguments, "password"));
    CO_TRY(const auto code, text_argument(arguments, "code"));
    credentials.code = code.value_or("");
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto opened, gateway.access().sign_in.open(credentials));
        value::Builder out;
        out.begin_object().key("token").text(opened.token);
        out.key("expires_at").text(record::timestamp_text(opened.expires));
        out.key("second_factor").boolean(opened.second_factor).end();
        return out.take();
    });
}

run::Task<Answer> close_session(Gateway& gateway, const access::Caller& caller, value::Node) {
    CO_CHECK_OK(users_only(caller));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().accounts.close_session(caller));
        value::Builder out;
        out.begin_object().key("closed").boolean(true).end();
        return out.take();
    });
}

run::Task<Answer> show_account(Gateway&, const access::Caller& caller, value::Node) {
    value::Builder out;
    out.begin_object().key("name").text(caller.actor()).key("kind").text(caller.actor_type());
    out.key("second_factor").boolean(caller.second_factor).key("permissions").begin_array();
    for (const auto& one : access::all_permissions())
        if (access::check_permission(caller, one.permission)) out.text(one.name);
    out.end().end();
    co_return out.take();
}

// A stolen session alone must not change how its user is known: the password, and the code where there is one, are
// asked again. The session that this opens ends at once.
Result<void> known_again(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CHECK_OK(users_only(caller));
    flow::Credentials credentials{.name = caller.name};
    TRY(credentials.password, needed_text(arguments, "password"));
    TRY(const auto code, text_argument(arguments, "code"));
    credentials.code = code.value_or("");
    TRY(const auto opened, gateway.access().sign_in.open(credentials));
    TRY(const auto again, gateway.access().bearers.caller(opened.token, ""));
    return gateway.access().accounts.close_session(again);
}

run::Task<Answer> change_password(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto wanted, needed_text(arguments, "new_password"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(known_again(gateway, caller, arguments));
        CHECK_OK(gateway.access().accounts.set_password(caller, caller.name, wanted));
        value::Builder out;
        out.begin_object().key("changed").boolean(true).end();
        return out.take();
    });
}

run::Task<Answer> begin_own_factor(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(known_again(gateway, caller, arguments));
        TRY(const auto begun, gateway.access().accounts.begin_factor(caller, caller.name));
        value::Builder out;
        out.begin_object().key("secret").text(begun.secret).key("uri").text(begun.uri).end();
        return out.take();
    });
}

run::Task<Answer> confirm_own_factor(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_CHECK_OK(users_only(caller));
    CO_TRY(const auto code, needed_text(arguments, "code"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto codes, gateway.access().accounts.confirm_factor(caller, caller.name, code));
        value::Builder out;
        out.begin_object().key("recovery_codes").begin_array();
        for (const auto& one : codes) out.text(one);
        out.end().end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> account_operations() {
    using api::field::flag, api::field::text, api::field::texts, api::field::time;
    using enum access::Permission;
    return {
        {"session.open",
         session_open,
         open_session,
         {text("name").needed(), text("password").needed(), text("code")},
         {text("token"), time("expires_at"), flag("second_factor")}},
        {"session.close", account_own, close_session, {}, {flag("closed")}},
        {"account.show",
         account_own,
         show_account,
         {},
         {text("name"), text("kind"), flag("second_factor"), texts("permissions")}},
        {"account.password",
         account_own,
         change_password,
         {text("password").needed(), text("code"), text("new_password").needed()},
         {flag("changed")}},
        {"account.totp",
         account_own,
         begin_own_factor,
         {text("password").needed(), text("code")},
         {text("secret"), text("uri")}},
        {"account.totp_confirm", account_own, confirm_own_factor, {text("code").needed()}, {texts("recovery_codes")}}};
}

}  // namespace tributary::app
