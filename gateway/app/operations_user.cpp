// Users and API tokens, as those who manage them see them.
#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/record/timestamp.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

using Answer = Result<value::Document>;
constexpr std::int64_t kAccountsListed = 100;

std::vector<std::string> texts_argument(value::Node arguments, std::string_view name) {
    std::vector<std::string> all;
    for (const auto one : arguments.find(name)) all.emplace_back(one.text());
    return all;
}

Result<std::vector<access::Role>> roles_argument(value::Node arguments) {
    std::vector<access::Role> roles;
    for (const auto& name : texts_argument(arguments, "roles")) {
        TRY(const auto role, access::role_named(name));
        roles.push_back(role);
    }
    return roles;
}

// What all changes of a user answer.
Answer about_user(std::string_view what, std::string_view name) {
    value::Builder out;
    out.begin_object().key("done").text(what).key("user").text(name).end();
    return out.take();
}

run::Task<Answer> add_user(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "name"));
    CO_TRY(const auto password, needed_text(arguments, "password"));
    CO_TRY(const auto roles, roles_argument(arguments));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().accounts.add_user(caller, name, roles, password));
        return about_user("user.add", name);
    });
}

run::Task<Answer> list_users(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto after, text_argument(arguments, "after"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    const auto most = static_cast<std::size_t>(limit.value_or(kAccountsListed));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        std::vector<access::User> users;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(users, session.accounts().users(after.value_or(""), most));
            return {};
        }));
        const auto now = gateway.world().clock.now();
        value::Builder out;
        out.begin_object().key("users").begin_array();
        for (const auto& user : users) {
            out.begin_object().key("name").text(user.name).key("roles").text(access::text_of(user.roles));
            out.key("second_factor").boolean(user.has_second_factor()).key("locked").boolean(user.attempts.locked(now));
            out.key("created_at").text(record::timestamp_text(user.created));
            out.key("changed_at").text(record::timestamp_text(user.changed)).end();
        }
        out.end();
        if (!users.empty() && users.size() == most) out.key("next").text(users.back().name);
        return out.end().take();
    });
}

run::Task<Answer> set_roles(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "name"));
    CO_TRY(const auto roles, roles_argument(arguments));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().accounts.set_roles(caller, name, roles));
        return about_user("user.role", name);
    });
}

run::Task<Answer> set_password(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "name"));
    CO_TRY(const auto password, needed_text(arguments, "password"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().accounts.set_password(caller, name, password));
        return about_user("user.password", name);
    });
}

// Without a code the second factor begins, with one it is confirmed, with `remove` it goes and the password with it.
run::Task<Answer> change_factor(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "name"));
    CO_TRY(const auto code, text_argument(arguments, "code"));
    CO_TRY(const bool removes, flag_argument(arguments, "remove"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        auto& accounts = gateway.access().accounts;
        value::Builder out;
        out.begin_object().key("done").text("user.totp").key("user").text(name);
        if (removes) {
            CHECK_OK(accounts.remove_factor(caller, name));
        } else if (code) {
            TRY(const auto codes, accounts.confirm_factor(caller, name, *code));
            out.key("recovery_codes").begin_array();
            for (const auto& one : codes) out.text(one);
            out.end();
        } else {
            TRY(const auto begun, accounts.begin_factor(caller, name));
            out.key("secret").text(begun.secret).key("uri").text(begun.uri);
        }
        return out.end().take();
    });
}

run::Task<Answer> remove_user(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "name"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().accounts.remove_user(caller, name));
        return about_user("user.remove", name);
    });
}

run::Task<Answer> add_token(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    flow::NewToken wanted;
    CO_TRY(wanted.label, needed_text(arguments, "label"));
    wanted.addresses = texts_argument(arguments, "addresses");
    CO_TRY(const auto days, integer_argument(arguments, "days"));
    if (days) wanted.lasts = std::chrono::days{*days};
    for (const auto& name : texts_argument(arguments, "permissions")) {
        CO_TRY(const auto permission, access::permission_named(name));
        wanted.scope.add(permission);
    }
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        TRY(const auto issued, gateway.access().accounts.add_token(caller, wanted));
        value::Builder out;
        out.begin_object().key("id").text(issued.id).key("token").text(issued.text);
        out.key("expires_at").text(record::timestamp_text(issued.expires)).end();
        return out.take();
    });
}

run::Task<Answer> list_tokens(Gateway& gateway, value::Node arguments) {
    CO_TRY(const auto after, text_argument(arguments, "after"));
    CO_TRY(const auto limit, integer_argument(arguments, "limit"));
    const auto most = static_cast<std::size_t>(limit.value_or(kAccountsListed));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        std::vector<access::ApiToken> tokens;
        CHECK_OK(gateway.world().store.read([&](store::ReadSession& session) -> Result<void> {
            TRY(tokens, session.accounts().tokens(after.value_or(""), most));
            return {};
        }));
        value::Builder out;
        out.begin_object().key("tokens").begin_array();
        for (const auto& token : tokens) {
            out.begin_object().key("id").text(token.id).key("label").text(token.label).key("owner").text(token.owner);
            out.key("permissions").text(token.scope.text());
            out.key("expires_at").text(record::timestamp_text(token.expires));
            out.key("used_at").text(token.used ? record::timestamp_text(*token.used) : "").end();
        }
        out.end();
        if (!tokens.empty() && tokens.size() == most) out.key("next").text(tokens.back().id);
        return out.end().take();
    });
}

run::Task<Answer> revoke_token(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto id, needed_text(arguments, "id"));
    co_return co_await run::on(gateway.world().pool, [&]() -> Answer {
        CHECK_OK(gateway.access().accounts.revoke_token(caller, id));
        value::Builder out;
        out.begin_object().key("revoked").text(id).end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> user_operations() {
    using api::field::anything, api::field::flag, api::field::integer, api::field::list, api::field::text,
        api::field::texts, api::field::time;
    using enum access::Permission;
    const auto name = text("name").needed();
    const api::Fields done{text("done"), text("user")}, page{text("after"), integer("limit")};
    const api::Fields user{text("name"),   text("roles"),      flag("second_factor"),
                           flag("locked"), time("created_at"), time("changed_at")};
    const api::Fields token{text("id"),          text("label"),      text("owner"),
                            text("permissions"), time("expires_at"), time("used_at").or_empty()};
    return {
        {"user.add", user_manage, add_user, {name, texts("roles").needed(), text("password").needed()}, done},
        {"user.list", user_read, list_users, page, {list("users", user), anything("next")}},
        {"user.role", user_manage, set_roles, {name, texts("roles").needed()}, done},
        {"user.password", user_manage, set_password, {name, text("password").needed()}, done},
        {"user.totp",
         user_manage,
         change_factor,
         {name, text("code"), flag("remove")},
         {text("done"), text("user"), text("secret"), text("uri"), texts("recovery_codes")}},
        {"user.remove", user_manage, remove_user, {name}, done},
        {"token.add",
         token_manage,
         add_token,
         {text("label").needed(), texts("permissions").needed(), integer("days"), texts("addresses")},
         {text("id"), text("token"), time("expires_at")}},
        {"token.list", user_read, list_tokens, page, {list("tokens", token), anything("next")}},
        {"token.revoke", token_manage, revoke_token, {text("id").needed()}, {text("revoked")}},
    };
}

}  // namespace tributary::app
