// BearerCheck: which caller a bearer token stands for, read from the store at each request: a change of roles, a
// removed user, a revoked token hold from the next request on.
#pragma once

#include <string_view>

#include "gateway/access/caller.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/flow/sign_in.hpp"
#include "gateway/store/store.hpp"

namespace tributary::flow {

// Threads: any. Blocks on the store.
class BearerCheck {
  public:
    BearerCheck(store::Store& store, const Clock& clock, SessionRules rules)
        : store_(store), clock_(clock), rules_(rules) {}

    // `peer`: the address that the request came from. unauthorized: unknown, ended, or from an address that the token
    // may not come from.
    Result<access::Caller> caller(std::string_view bearer, std::string_view peer);
    // The caller whose actor() this is, with the rights of now; for acts that were asked before and are done later.
    // What they asked took their second factor then. unauthorized: there is no such user or token any more.
    Result<access::Caller> caller_named(const std::string& actor);

  private:
    Result<access::Caller> of_session(store::ReadSession& session, const access::Bearer& bearer);
    Result<access::Caller> of_token(store::ReadSession& session, const access::Bearer& bearer, std::string_view peer);
    store::Store& store_;
    const Clock& clock_;
    SessionRules rules_;
};

}  // namespace tributary::flow
