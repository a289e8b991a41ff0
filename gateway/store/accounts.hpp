// Accounts: users, API tokens and sessions, as access/accounts.hpp describes them. Passwords, tokens and recovery codes
// are here as hashes alone, the secrets of second factors sealed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/accounts.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

class AccountsView {
  public:
    virtual ~AccountsView() = default;
    virtual Result<std::optional<access::User>> user(std::string_view name) = 0;
    // In order of name: pass the last one seen, "" to begin.
    virtual Result<std::vector<access::User>> users(std::string_view after, std::size_t limit) = 0;
    virtual Result<std::optional<access::ApiToken>> token(std::string_view id) = 0;
    virtual Result<std::vector<access::ApiToken>> tokens(std::string_view after, std::size_t limit) = 0;
    virtual Result<std::optional<access::SessionToken>> session(std::string_view id) = 0;
};

class Accounts : public virtual AccountsView {
  public:
    // Makes or replaces.
    virtual Result<void> put(const access::User& user) = 0;
    virtual Result<void> put(const access::ApiToken& token) = 0;
    virtual Result<void> put(const access::SessionToken& session) = 0;
    // The user with their sessions and tokens. Whether there was one.
    virtual Result<bool> remove_user(std::string_view name) = 0;
    virtual Result<bool> remove_token(std::string_view id) = 0;
    virtual Result<bool> remove_session(std::string_view id) = 0;
    virtual Result<void> remove_sessions_of(std::string_view user) = 0;
    // Sessions that ended before, and tokens that expired before.
    virtual Result<void> sweep(Timestamp before) = 0;
};

}  // namespace tributary::store
