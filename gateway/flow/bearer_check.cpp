#include "gateway/flow/bearer_check.hpp"

#include <algorithm>

#include "gateway/crypto/equal.hpp"
#include "gateway/net/address_guard.hpp"

namespace tributary::flow {
namespace {

// How exactly it is kept when a session or token was used last.
constexpr Milliseconds kSeenEvery = std::chrono::minutes{1};

std::unexpected<Error> unknown_bearer() {
    return fail(Fault::unauthorized, "the bearer token is unknown, has ended or may not come from this address",
                "authorization");
}

bool may_come_from(const access::ApiToken& token, std::string_view peer) {
    if (token.addresses.empty()) return true;
    const auto address = net::IpAddress::parse(peer);
    return address && std::ranges::any_of(token.addresses, [&](const auto& text) {
               const auto network = net::Network::parse(text);
               return network && network->contains(*address);
           });
}

// Its scope, as far as its owner may do that now; nullopt when the owner is gone.
Result<std::optional<access::PermissionSet>> rights_of(store::ReadSession& session, const access::ApiToken& token) {
    if (token.owner.empty()) return token.scope;
    TRY(const auto owner, session.accounts().user(token.owner));
    if (!owner) return std::nullopt;
    return token.scope & owner->permissions();
}

}  // namespace

Result<access::Caller> BearerCheck::of_session(store::ReadSession& session, const access::Bearer& bearer) {
    const auto now = clock_.now();
    TRY(const auto row, session.accounts().session(bearer.id));
    if (!row || !crypto::equal(row->hash.view(), bearer.hash.view()) || row->ended(now, rules_.idle))
        return unknown_bearer();
    TRY(const auto user, session.accounts().user(row->user));
    if (!user) return unknown_bearer();
    if (now - row->seen >= kSeenEvery)
        store_.write_async(
            [id = bearer.id, now](store::Session& write) -> Result<void> {
                // It may have been revoked meanwhile: what is gone is not made again.
                TRY(auto again, write.accounts().session(id));
                if (!again) return {};
                again->seen = now;
                return write.accounts().put(*again);
            },
            [](const Result<void>&) {});
    return access::Caller{.kind = access::Caller::Kind::user,
                          .name = user->name,
                          .may = user->permissions(),
                          .second_factor = row->second_factor,
                          .session = row->id,
                          .roles = user->roles};
}

Result<access::Caller> BearerCheck::of_token(store::ReadSession& session, const access::Bearer& bearer,
                                             std::string_view peer) {
    const auto now = clock_.now();
    TRY(const auto row, session.accounts().token(bearer.id));
    if (!row || !crypto::equal(row->hash.view(), bearer.hash.view()) || row->expired(now) || !may_come_from(*row, peer))
        return unknown_bearer();
    TRY(const auto may, rights_of(session, *row));
    if (!may) return unknown_bearer();
    if (!row->used || now - *row->used >= kSeenEvery)
        store_.write_async(
            [id = bearer.id, now](store::Session& write) -> Result<void> {
                TRY(auto again, write.accounts().token(id));
                if (!again) return {};
                again->used = now;
                return write.accounts().put(*again);
            },
            [](const Result<void>&) {});
    return access::Caller{.kind = access::Caller::Kind::token, .name = row->id, .may = *may, .second_factor = true};
}

Result<access::Caller> BearerCheck::caller(std::string_view text, std::string_view peer) {
    const auto bearer = access::Bearer::parse(text);
    if (!bearer) return unknown_bearer();
    Result<access::Caller> found = unknown_bearer();
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        found = bearer->kind == access::BearerKind::session ? of_session(session, *bearer)
                                                            : of_token(session, *bearer, peer);
        return {};
    }));
    return found;
}

Result<access::Caller> BearerCheck::caller_named(const std::string& actor) {
    auto local = access::local_operator();
    if (actor == local.actor()) return local;
    Result<access::Caller> found = fail(Fault::refused, "whoever asked for it is no longer known here", actor);
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        using Kind = access::Caller::Kind;
        constexpr std::string_view kToken = "token ";
        if (!actor.starts_with(kToken)) {
            TRY(const auto user, session.accounts().user(actor));
            if (user) found = access::Caller{Kind::user, user->name, user->permissions(), true, "", user->roles};
            return {};
        }
        TRY(const auto token, session.accounts().token(actor.substr(kToken.size())));
        if (!token || token->expired(clock_.now())) return {};
        TRY(const auto may, rights_of(session, *token));
        if (may) found = access::Caller{Kind::token, token->id, *may, true, ""};
        return {};
    }));
    return found;
}

}  // namespace tributary::flow
