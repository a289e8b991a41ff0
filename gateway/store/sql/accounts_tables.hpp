// Users, API tokens and sessions.
#pragma once

#include "gateway/store/accounts.hpp"
#include "gateway/store/sql/retired_keys.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class AccountsReads : public virtual AccountsView {
  public:
    explicit AccountsReads(Connection& connection);
    Result<std::optional<access::User>> user(std::string_view name) override;
    Result<std::vector<access::User>> users(std::string_view after, std::size_t limit) override;
    Result<std::optional<access::ApiToken>> token(std::string_view id) override;
    Result<std::vector<access::ApiToken>> tokens(std::string_view after, std::size_t limit) override;
    Result<std::optional<access::SessionToken>> session(std::string_view id) override;

  private:
    Statement user_, users_, token_, tokens_, session_;
};

class AccountsTable final : public Accounts, public AccountsReads {
  public:
    explicit AccountsTable(Connection& connection);
    Result<void> put(const access::User& user) override;
    Result<void> put(const access::ApiToken& token) override;
    Result<void> put(const access::SessionToken& session) override;
    Result<bool> remove_user(std::string_view name) override;
    Result<bool> remove_token(std::string_view id) override;
    Result<bool> remove_session(std::string_view id) override;
    Result<void> remove_sessions_of(std::string_view user) override;
    Result<void> sweep(Timestamp before) override;

  private:
    Statement put_user_, put_token_, put_session_, remove_user_, remove_token_, remove_session_, remove_sessions_,
        remove_tokens_of_, sweep_sessions_, sweep_tokens_;
    RetiredKeys retired_;
};

}  // namespace tributary::store
