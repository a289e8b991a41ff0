// RefreshProtocol: who renews the tokens of a grant, and what everyone else does meanwhile. Pure: it is told what lies
// in the store and says what to do next; grants.hpp and the connector's GrantSession carry it out.
//
// A provider that rotates refresh tokens takes each of them once, and one that is strict revokes everything when it
// sees one twice. So: lease the version; read again under the lease; write the intent; call; save the new tokens before
// they are used. A crash in between leaves the intent behind, and the next process knows that an answer was lost.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/vault/grant.hpp"

namespace tributary::vault {

// What to do when the answer to a refresh was lost.
enum class LostAnswer : std::uint8_t {
    retry,         // ask again with the same token: the provider does not rotate, or takes it again for a while
    log_in_again,  // never: the provider revokes everything when it sees a token twice
};

// What a process sees before it acts.
struct GrantView {
    GrantState state;
    bool has_access = false;
    bool has_refresh = false;
    std::string mark;                      // of the refresh token it would use
    Timestamp refresh_at{};                // from when on to renew; with `expires` only
    std::optional<Timestamp> expires;      // nullopt: the provider did not say
    std::optional<std::uint64_t> refused;  // the version whose access token the other side refused

    bool usable(Timestamp now) const;  // has an access token that is not known to be dead
};

enum class GrantMove : std::uint8_t {
    use,     // the access token is good, or still good enough while another process renews it
    lease,   // try to get the lease, then go by under_lease()
    wait,    // another process renews it: look again soon, at `until` at the latest
    log_in,  // a person has to log in
};
struct GrantStep {
    GrantMove move = GrantMove::use;
    Timestamp until{};
};
GrantStep next_step(const GrantView& view, Timestamp now);

enum class LeasedMove : std::uint8_t {
    call,        // write the intent, then call the token endpoint
    stand_down,  // what was read again needs no renewal: give the lease back
    give_up,     // the answer of an earlier call was lost and must not be asked for again: mark needs_login
};
LeasedMove under_lease(const GrantView& view, const GrantLease& lease, LostAnswer lost, Timestamp now);

// How a call to the token endpoint ended.
enum class CallEnd : std::uint8_t {
    granted,
    refused,  // invalid_grant
    failed,   // answered with another error, or not sent at all: the refresh token is as good as before
    unknown,  // sent, and no answer came
};
enum class AfterCall : std::uint8_t {
    save,         // the new tokens, with the next version
    take_newer,   // another process or a login put newer tokens there: use those
    needs_login,  // mark it so and tell the operator
    back,         // give the lease back, idle
    keep_intent,  // give the lease back, still `refreshing`: the next one knows that an answer was lost
};
// `now_there` is the state read again after the call.
AfterCall after_call(CallEnd end, const GrantState& now_there, const GrantLease& lease);

}  // namespace tributary::vault
