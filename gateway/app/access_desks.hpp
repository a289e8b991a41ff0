// AccessDesks: everything around users, tokens, sessions and approvals of one gateway.
#pragma once

#include "gateway/app/config.hpp"
#include "gateway/crypto/password.hpp"
#include "gateway/flow/accounts_desk.hpp"
#include "gateway/flow/approval_desk.hpp"
#include "gateway/flow/bearer_check.hpp"
#include "gateway/flow/repeated_writes.hpp"
#include "gateway/flow/sign_in.hpp"

namespace tributary::app {

// What it is made of outlives it.
struct AccessDesks {
    AccessDesks(const Config& config, store::Store& store, const vault::KeyRing& ring, crypto::Random& random,
                const Clock& clock)
        : rules{config.access.session_idle, config.access.session_longest},
          sign_in(store, ring, random, clock, rules, crypto::password_matches),
          bearers(store, clock, rules),
          accounts(store, ring, random, clock, config.gateway.name,
                   flow::BreachedPasswords(config.access.breached_passwords)),
          approvals(store, ring, random, clock),
          writes(store, ring, random, clock) {}

    flow::SessionRules rules;
    flow::SignIn sign_in;
    flow::BearerCheck bearers;
    flow::AccountsDesk accounts;
    flow::ApprovalDesk approvals;
    flow::RepeatedWrites writes;
};

}  // namespace tributary::app
