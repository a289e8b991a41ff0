#include "gateway/flow/accounts_desk.hpp"

#include "gateway/access/password_rules.hpp"
#include "gateway/access/totp.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/crypto/password.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/note_places.hpp"
#include "gateway/flow/sealed_note.hpp"
#include "gateway/flow/sign_in.hpp"
#include "gateway/net/address_guard.hpp"

namespace tributary::flow {
namespace {

constexpr int kRecoveryCodes = 10;
constexpr std::chrono::days kLongestToken{365};

std::unexpected<Error> no_such_user(const std::string& name) {
    return fail(Fault::not_found, "there is no such user", "user " + name);
}

Result<void> append_act(store::Session& session, const std::string& entry) {
    CHECK_OK(session.audit().append(std::span(&entry, 1)));
    return {};
}

}  // namespace

template <class F>
Result<void> AccountsDesk::change_user(const access::Caller& by, const std::string& name, std::string_view action,
                                       F change) {
    return store_.write([&](store::Session& session) -> Result<void> {
        TRY(auto user, session.accounts().user(name));
        if (!user) return no_such_user(name);
        CHECK_OK(change(*user));
        user->changed = clock_.now();
        CHECK_OK(session.accounts().put(*user));
        CHECK_OK(session.accounts().remove_sessions_of(name));
        return append_act(session,
                          audit_entry(clock_, by, action, {{"user", name}, {"roles", access::text_of(user->roles)}}));
    });
}

// Where the corpus cannot be read no password is taken.
Result<void> AccountsDesk::check_password(const std::string& password, const std::string& user, bool factor) const {
    CHECK_OK(access::check_password(password, user, factor));
    TRY(const bool known, breached_.hold(password));
    if (known)
        return fail(Fault::bad_input, "became known in a breach: take one that was never used anywhere", "password");
    return {};
}

Result<void> AccountsDesk::add_user(const access::Caller& by, const std::string& name, std::vector<access::Role> roles,
                                    const std::string& password) {
    CHECK_OK(access::check_user_name(name));
    if (roles.empty()) return fail(Fault::bad_input, "a user takes at least one role", "roles");
    CHECK_OK(check_password(password, name, false));
    TRY(const auto hash, crypto::hash_password(password, random_));
    const auto now = clock_.now();
    const access::User user{.name = name, .roles = std::move(roles), .password = hash, .created = now, .changed = now};
    return store_.write([&](store::Session& session) -> Result<void> {
        TRY(const auto taken, session.accounts().user(name));
        if (taken) return fail(Fault::conflict, "there is a user of this name", "user " + name);
        CHECK_OK(session.accounts().put(user));
        return append_act(
            session, audit_entry(clock_, by, "user.add", {{"user", name}, {"roles", access::text_of(user.roles)}}));
    });
}

Result<void> AccountsDesk::set_roles(const access::Caller& by, const std::string& name,
                                     std::vector<access::Role> roles) {
    if (roles.empty())
        return fail(Fault::bad_input, "a user takes at least one role: remove the user instead", "roles");
    if (by.is_user() && by.name == name) return fail(Fault::refused, "nobody changes their own roles", "user " + name);
    return change_user(by, name, "user.role", [&](access::User& user) -> Result<void> {
        user.roles = std::move(roles);
        return {};
    });
}

Result<void> AccountsDesk::set_password(const access::Caller& by, const std::string& name,
                                        const std::string& password) {
    bool factor = false;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(const auto user, session.accounts().user(name));
        if (!user) return no_such_user(name);
        factor = user->has_second_factor();
        return {};
    }));
    CHECK_OK(check_password(password, name, factor));
    TRY(const auto hash, crypto::hash_password(password, random_));
    return change_user(by, name, "user.password", [&](access::User& user) -> Result<void> {
        if (factor && !user.has_second_factor())
            return fail(Fault::conflict, "the second factor was removed meanwhile: try again", "user " + name);
        user.password = hash;
        user.attempts = {};
        return {};
    });
}

Result<void> AccountsDesk::remove_user(const access::Caller& by, const std::string& name) {
    if (by.is_user() && by.name == name) return fail(Fault::refused, "nobody removes themselves", "user " + name);
    return store_.write([&](store::Session& session) -> Result<void> {
        TRY(const bool removed, session.accounts().remove_user(name));
        if (!removed) return no_such_user(name);
        return append_act(session, audit_entry(clock_, by, "user.remove", {{"user", name}}));
    });
}

Result<BegunFactor> AccountsDesk::begin_factor(const access::Caller& by, const std::string& name) {
    const auto secret = crypto::random_bytes(access::kTotpSecretBytes, random_);
    const auto sealed = seal_note(ring_, random_, next_totp_place(name), secret);
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(auto user, session.accounts().user(name));
        if (!user) return no_such_user(name);
        user->totp_next = sealed;
        CHECK_OK(session.accounts().put(*user));
        return append_act(session, audit_entry(clock_, by, "user.totp.begin", {{"user", name}}));
    }));
    return BegunFactor{access::to_base32(secret), access::totp_uri(secret, issuer_, name)};
}

Result<std::vector<std::string>> AccountsDesk::confirm_factor(const access::Caller& by, const std::string& name,
                                                              const std::string& code) {
    std::vector<std::string> codes, hashes;
    for (int i = 0; i < kRecoveryCodes; ++i) {
        codes.push_back(access::make_recovery_code(random_));
        hashes.push_back(to_hex(access::recovery_hash(codes.back()).view()));
    }
    bool right = false;
    const auto now = clock_.now();
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(auto user, session.accounts().user(name));
        if (!user) return no_such_user(name);
        if (user->totp_next.empty())
            return fail(Fault::bad_input, "no second factor was begun: ask without a code first", "user " + name);
        if (user->attempts.locked(now))
            return fail(Fault::rate_limited, "after five wrong tries wait 15 minutes", "user " + name);
        TRY(const auto secret, open_note(ring_, next_totp_place(name), user->totp_next));
        const auto step = access::accept_totp(secret, code, now, 0);
        right = step.has_value();
        if (right) {
            user->totp = seal_note(ring_, random_, totp_place(name), secret);
            user->totp_next.clear();
            user->totp_step = *step;
            user->recovery = hashes;
            user->attempts = {};
            user->changed = now;
            CHECK_OK(session.accounts().remove_sessions_of(name));
        } else {
            user->attempts = user->attempts.after_wrong(now);
        }
        CHECK_OK(session.accounts().put(*user));
        return append_act(session,
                          audit_entry(clock_, by, right ? "user.totp.confirm" : "user.totp.refuse", {{"user", name}}));
    }));
    if (!right)
        return fail(Fault::bad_input, "the code is wrong: type the six digits that the program shows now", "code");
    return codes;
}

Result<void> AccountsDesk::remove_factor(const access::Caller& by, const std::string& name) {
    return change_user(by, name, "user.totp.remove", [](access::User& user) -> Result<void> {
        user.totp.clear();
        user.totp_next.clear();
        user.recovery.clear();
        user.password.clear();
        return {};
    });
}

Result<IssuedToken> AccountsDesk::add_token(const access::Caller& by, const NewToken& wanted) {
    CHECK_OK(access::check_token_scope(wanted.scope));
    for (const auto& one : access::all_permissions())
        if (wanted.scope.has(one.permission) && by.kind != access::Caller::Kind::local && !by.may.has(one.permission))
            return fail(Fault::refused, "nobody gives away what they may not do themselves", std::string(one.name));
    if (wanted.lasts < std::chrono::days{1} || wanted.lasts > kLongestToken)
        return fail(Fault::bad_input, "a token lasts 1 to 365 days", "days");
    for (const auto& network : wanted.addresses)
        if (auto read = net::Network::parse(network); !read) return pass(std::move(read), "addresses");
    const auto made = access::make_bearer(access::BearerKind::api_token, random_);
    const auto now = clock_.now();
    const access::ApiToken token{.id = made.bearer.id,
                                 .label = wanted.label,
                                 .hash = made.bearer.hash,
                                 .owner = by.is_user() ? by.name : "",
                                 .scope = wanted.scope,
                                 .addresses = wanted.addresses,
                                 .created = now,
                                 .expires = now + wanted.lasts};
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.accounts().put(token));
        return append_act(
            session, audit_entry(clock_, by, "token.add", {{"token", token.id}, {"permissions", token.scope.text()}}));
    }));
    return IssuedToken{token.id, made.text, token.expires};
}

Result<void> AccountsDesk::revoke_token(const access::Caller& by, const std::string& id) {
    return store_.write([&](store::Session& session) -> Result<void> {
        TRY(const bool removed, session.accounts().remove_token(id));
        if (!removed) return fail(Fault::not_found, "there is no such token", "token " + id);
        return append_act(session, audit_entry(clock_, by, "token.revoke", {{"token", id}}));
    });
}

Result<void> AccountsDesk::close_session(const access::Caller& by) {
    return store_.write([&](store::Session& session) -> Result<void> {
        CHECK_OK(session.accounts().remove_session(by.session));
        return append_act(session, audit_entry(clock_, by, "session.close", {{"session", by.session}}));
    });
}

}  // namespace tributary::flow
