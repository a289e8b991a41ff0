// Withdrawal: what follows from a consent act that ends a use. Every destination that was told something for a purpose
// that the act touches gets a task, in the act's own transaction; flow/propagation_worker.hpp works them off.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/reach.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/session.hpp"

namespace tributary::flow {

// From the act to what every destination should have heard.
constexpr Milliseconds kToldWithin = std::chrono::minutes(15);

// Withdrawn, refused or revoked, by whomever: an objection, an unsubscription, a complaint and a privacy signal are
// acts of that kind. A bounce makes an address invalid, and ends no use.
bool ends_use(const consent::ConsentEvent& event);

struct Withdrawal {
    std::size_t consent = 0;    // which of the batch's
    Uid customer;               // nil: not known yet
    std::vector<Uid> subjects;  // of that customer
    Reach reach;                // all of its addresses
};

// `origin`: the connection that the act came from, which needs not be told. Safe to repeat.
Result<void> open_tasks(World& world, store::Session& session, const PreparedConsent& act, const Withdrawal& ended,
                        const std::string& origin);

}  // namespace tributary::flow
