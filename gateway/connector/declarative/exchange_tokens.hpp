// ExchangeTokens: the access token that a definition's OAuth 2 login gives, for a connector that sends it elsewhere.
#pragma once

#include <memory>

#include "gateway/connector/declarative/declarative_login.hpp"
#include "gateway/connector/declarative/exchange.hpp"
#include "gateway/connector/token_source.hpp"

namespace tributary::connector {

class ExchangeTokens final : public TokenSource {
  public:
    // nullptr when no login of the definition goes with these settings. Fault::bad_config.
    static Result<std::shared_ptr<TokenSource>> make(std::shared_ptr<const Definition> definition, Setup setup);

    run::Task<Result<crypto::SecretBytes>> token() override;
    void refused(const crypto::SecretBytes& token) override { exchange_.drop_session(token.reveal()); }
    Login* login() override { return login_.get(); }

  private:
    ExchangeTokens(std::shared_ptr<const Definition> definition, Setup setup);

    std::shared_ptr<const Definition> definition_;
    Exchange exchange_;
    std::unique_ptr<DeclarativeLogin> login_;
};

}  // namespace tributary::connector
