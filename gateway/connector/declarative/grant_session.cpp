#include "gateway/connector/declarative/grant_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/hex.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::connector {

using vault::GrantMove;
using vault::GrantPhase;

namespace {

// Between two looks at what another process does.
constexpr Milliseconds kShortest{40}, kSpread{60};
// A token that still works is looked at again after this, when its renewal failed or another process does it.
constexpr Milliseconds kLookAgain = std::chrono::seconds(15);
constexpr double kShare = 0.8, kJitter = 0.08;

double part(crypto::Random& random) {
    std::uint8_t byte = 0;
    random.fill({&byte, 1});
    return byte / 255.0;
}

}  // namespace

GrantSession::GrantSession(const Setup& setup, Milliseconds lease)
    : setup_(setup),
      lease_(lease),
      owner_(setup.connection + "-" + to_hex(crypto::random_bytes(6, setup.random))),
      share_(kShare + (part(setup.random) - 0.5) * kJitter) {}

Error GrantSession::login_needed(const std::string& why) const {
    return {Fault::unauthorized, fmt::format("{}: run `tributary connection login {}`", why, setup_.connection)};
}

run::Task<Result<GrantSession::Seen>> GrantSession::look(const Terms& terms) {
    auto grant = co_await run::on(setup_.blocking, [this] { return setup_.grants->read(setup_.grant_name); });
    if (!grant) co_return pass(std::move(grant));
    Seen out{.grant = *std::move(grant)};
    auto& tokens = out.grant.tokens;
    if (tokens && tokens->issuer != terms.issuer)
        co_return fail(Fault::bad_config,
                       "the secret holds tokens of another token endpoint: give each login a secret of its own",
                       "secret " + setup_.grant_name);
    // A seed that the operator changed is meant to be used.
    const auto seed = vault::mark_of(terms.seed);
    const bool changed = tokens && !seed.empty() && seed != tokens->seed;
    if (changed) tokens.reset();
    out.view.state = out.grant.state;
    out.view.refused = terms.refused;
    out.refresh_token = tokens ? std::string(tokens->refresh_token.reveal()) : terms.seed;
    out.view.has_refresh = !out.refresh_token.empty();
    out.view.mark = vault::mark_of(out.refresh_token);
    if (tokens) {
        out.view.has_access = tokens->values.contains("access_token");
        out.view.expires = tokens->expires;
        if (tokens->expires) {
            const auto life = static_cast<double>((*tokens->expires - tokens->obtained).count());
            out.view.refresh_at = tokens->obtained + Milliseconds(static_cast<Milliseconds::rep>(life * share_));
        }
    }
    co_return out;
}

GrantSession::Held GrantSession::held(const Seen& seen, bool due) const {
    Held out{.version = seen.grant.state.version};
    value::Builder values;
    values.begin_object();
    for (const auto& [name, text] : seen.grant.tokens->values) values.key(name).text(text.reveal());
    values.end();
    out.values = values.take();
    const auto& view = seen.view;
    if (view.expires) out.until = view.has_refresh ? view.refresh_at : *view.expires;
    if (view.expires && due) out.until = std::min(*view.expires, now() + kLookAgain);
    return out;
}

run::Task<Result<GrantSession::Held>> GrantSession::hold(Terms terms, Call call) {
    const auto deadline = setup_.clock().steady() + 2 * lease_;
    std::optional<Error> failed;
    while (true) {
        auto seen = co_await look(terms);
        if (!seen) co_return pass(std::move(seen));
        const auto at = now();
        const auto step = vault::next_step(seen->view, at);
        // A renewal that failed is not tried again here: the caller has its own pace.
        if (step.move == GrantMove::use || (failed && seen->view.usable(at))) {
            const bool due = seen->view.has_refresh && seen->view.expires && at >= seen->view.refresh_at;
            co_return held(*seen, due);
        }
        if (failed) co_return fail(*std::move(failed));
        if (step.move == GrantMove::log_in) {
            const auto& why = seen->grant.state.error;
            co_return fail(login_needed(!why.empty()         ? why
                                        : seen->grant.tokens ? "the access token has ended and cannot be renewed"
                                                             : "nobody has logged in yet"));
        }
        if (setup_.clock().steady() >= deadline)
            co_return fail(Fault::transient, "another process has been renewing the tokens for too long");
        if (step.move == GrantMove::lease) {
            const auto state = seen->grant.state;
            auto lease = co_await run::on(setup_.blocking, [&] { return setup_.grants->lease(state, owner_, lease_); });
            if (!lease) co_return pass(std::move(lease));
            if (*lease) {
                auto renewed = co_await renew(terms, **lease, call);
                if (!renewed) failed = std::move(renewed).error();
                continue;
            }
        }
        const auto pause =
            kShortest + Milliseconds(static_cast<Milliseconds::rep>(part(setup_.random) * kSpread.count()));
        if (!co_await setup_.timers.sleep_for(pause)) co_return fail(Fault::transient, "stopped while waiting");
    }
}

// An error of the renewal itself; tokens may be usable all the same.
run::Task<Result<void>> GrantSession::renew(const Terms& terms, const vault::GrantLease& lease, const Call& call) {
    auto seen = co_await look(terms);
    if (!seen) co_return pass(std::move(seen));
    const auto& state = seen->grant.state;
    switch (vault::under_lease(seen->view, lease, terms.lost_answer, now())) {
        case vault::LeasedMove::stand_down: {
            const auto phase = state.phase;
            const auto error = state.error;
            co_return co_await run::on(setup_.blocking, [&] { return give_back(lease, phase, error); });
        }
        case vault::LeasedMove::give_up: {
            const std::string why =
                "the answer to the last renewal was lost, and the provider must not see its refresh token twice";
            auto done =
                co_await run::on(setup_.blocking, [&] { return give_back(lease, GrantPhase::needs_login, why); });
            if (!done) co_return pass(std::move(done));
            setup_.log.error("login needed", {{"connection", setup_.connection}, {"reason", why}});
            co_return fail(login_needed(why));
        }
        case vault::LeasedMove::call:
            break;
    }
    const auto mark = seen->view.mark;
    auto intended = co_await run::on(setup_.blocking, [&] { return setup_.grants->intend(lease, mark); });
    if (!intended) {
        if (intended.error().fault == Fault::conflict) co_return Result<void>{};  // what is there now is read again
        co_return pass(std::move(intended));
    }
    auto ended = co_await call(seen->refresh_token);
    co_return co_await settle(terms, lease, *seen, std::move(ended));
}

run::Task<Result<void>> GrantSession::settle(const Terms& terms, const vault::GrantLease& lease, const Seen& seen,
                                             Ended ended) {
    auto there = co_await run::on(setup_.blocking, [this] { return setup_.grants->read(setup_.grant_name); });
    if (!there) co_return pass(std::move(there));
    const auto release = [&](GrantPhase phase, const std::string& error) {
        return run::on(setup_.blocking, [this, &lease, phase, &error] { return give_back(lease, phase, error); });
    };
    switch (vault::after_call(ended.end, there->state, lease)) {
        case vault::AfterCall::save: {
            auto& tokens = *ended.tokens;
            if (tokens.refresh_token.empty()) tokens.refresh_token = crypto::SecretBytes(seen.refresh_token);
            tokens.issuer = terms.issuer;
            tokens.seed = vault::mark_of(terms.seed);
            auto saved = co_await run::on(setup_.blocking, [&] { return setup_.grants->save(lease, tokens); });
            if (!saved && saved.error().fault == Fault::conflict) {
                setup_.log.warn("tokens not kept: a login or another process was first",
                                {{"connection", setup_.connection}});
                co_return Result<void>{};
            }
            if (saved) setup_.log.info("tokens renewed", {{"connection", setup_.connection}});
            co_return saved;
        }
        case vault::AfterCall::take_newer:
            co_return Result<void>{};
        case vault::AfterCall::needs_login: {
            const auto why = "the provider refused the refresh token (" + ended.error.what + ")";
            auto done = co_await release(GrantPhase::needs_login, why);
            if (!done) co_return pass(std::move(done));
            setup_.log.error("login needed", {{"connection", setup_.connection}, {"reason", why}});
            co_return fail(login_needed(why));
        }
        case vault::AfterCall::back:
        case vault::AfterCall::keep_intent: {
            const auto phase = ended.end == vault::CallEnd::unknown ? GrantPhase::refreshing : GrantPhase::idle;
            const auto why = ended.error.what;
            auto done = co_await release(phase, why);
            if (!done) co_return pass(std::move(done));
            setup_.log.warn("tokens not renewed", {{"connection", setup_.connection}, {"reason", why}});
            co_return fail(std::move(ended.error));
        }
    }
    co_return Result<void>{};
}

Result<void> GrantSession::give_back(const vault::GrantLease& lease, GrantPhase phase, const std::string& error) {
    auto done = setup_.grants->release(lease, phase, error);
    if (!done && done.error().fault == Fault::conflict) return {};  // it is no longer ours
    return done;
}

run::Task<Result<void>> GrantSession::replace(Terms terms, vault::Tokens tokens) {
    tokens.issuer = terms.issuer;
    tokens.seed = vault::mark_of(terms.seed);
    co_return co_await run::on(setup_.blocking, [&] { return setup_.grants->replace(setup_.grant_name, tokens); });
}

}  // namespace tributary::connector
