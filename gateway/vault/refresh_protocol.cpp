#include "gateway/vault/refresh_protocol.hpp"

namespace tributary::vault {
namespace {

// The phase counts only for the refresh token that it was written for: a login or a new seed makes it void.
GrantPhase phase_of(const GrantView& view) {
    return view.state.mark == view.mark ? view.state.phase : GrantPhase::idle;
}

bool due(const GrantView& view, Timestamp now) {
    return !view.usable(now) || (view.expires && view.has_refresh && now >= view.refresh_at);
}

}  // namespace

std::string_view name_of(GrantPhase phase) {
    switch (phase) {
        case GrantPhase::idle:
            return "idle";
        case GrantPhase::refreshing:
            return "refreshing";
        case GrantPhase::needs_login:
            return "needs_login";
    }
    return "";
}

bool GrantView::usable(Timestamp now) const {
    return has_access && (!expires || now < *expires) && (!refused || *refused != state.version);
}

GrantStep next_step(const GrantView& view, Timestamp now) {
    if (!due(view, now)) return {GrantMove::use};
    const auto phase = phase_of(view);
    if (!view.has_refresh || phase == GrantPhase::needs_login)
        return {view.usable(now) ? GrantMove::use : GrantMove::log_in};
    if (!view.state.leased(now)) return {GrantMove::lease};
    if (view.usable(now)) return {GrantMove::use};
    return {GrantMove::wait, view.state.lease_until};
}

LeasedMove under_lease(const GrantView& view, const GrantLease& lease, LostAnswer lost, Timestamp now) {
    if (view.state.version != lease.version || view.state.fence != lease.fence) return LeasedMove::stand_down;
    if (!due(view, now) || !view.has_refresh) return LeasedMove::stand_down;
    switch (phase_of(view)) {
        case GrantPhase::idle:
            return LeasedMove::call;
        case GrantPhase::refreshing:
            return lost == LostAnswer::retry ? LeasedMove::call : LeasedMove::give_up;
        case GrantPhase::needs_login:
            return LeasedMove::stand_down;
    }
    return LeasedMove::stand_down;
}

AfterCall after_call(CallEnd end, const GrantState& now_there, const GrantLease& lease) {
    const bool ours = now_there.version == lease.version && now_there.fence == lease.fence;
    switch (end) {
        case CallEnd::granted:
            // Saved even when the fence has passed on: the store refuses it then, and what is there is read again.
            return AfterCall::save;
        case CallEnd::refused:
            return ours ? AfterCall::needs_login : AfterCall::take_newer;
        case CallEnd::failed:
            return ours ? AfterCall::back : AfterCall::take_newer;
        case CallEnd::unknown:
            return ours ? AfterCall::keep_intent : AfterCall::take_newer;
    }
    return AfterCall::take_newer;
}

}  // namespace tributary::vault
