// DeclarativeLogin: a person's login as a definition describes it: OAuth 2's authorization code with PKCE and its
// device code. All calls go through the Exchange, so codes and secrets reach allowed hosts alone.
#pragma once

#include "gateway/connector/declarative/exchange.hpp"
#include "gateway/connector/login.hpp"

namespace tributary::connector {

class DeclarativeLogin final : public Login {
  public:
    // REQUIRES: exchange.granted(). The exchange outlives it.
    explicit DeclarativeLogin(Exchange& exchange) : exchange_(exchange), at_(*exchange.granted()) {}

    bool browser() const override { return !grant().authorize_url.empty(); }
    bool device() const override { return grant().device_ask.has_value(); }
    Result<std::string> redirect_uri() const override;
    Result<BrowserLogin> begin_browser(std::string redirect_uri) override;
    run::Task<Result<LoggedIn>> redeem(Redirected back, BrowserLogin login) override;
    run::Task<Result<DeviceLogin>> begin_device() override;
    run::Task<Result<LoggedIn>> await_device(DeviceLogin login) override;

  private:
    const GrantAuth& grant() const { return *at_.auth->grant; }
    Result<void> check_signed(const Redirected& back, const BrowserLogin& login) const;
    run::Task<Result<LoggedIn>> keep(Answer answer, Scope scope);
    Exchange& exchange_;
    Exchange::TokenStep at_;
};

// RFC 8628 3.5: what an answer of the token endpoint means for a device that waits. Pure.
enum class DevicePoll : std::uint8_t { granted, pending, slow_down, denied, expired, failed };
DevicePoll device_poll(vault::CallEnd end, const Answer* answer);
// RFC 7636 4.2: the S256 challenge of a verifier.
std::string s256(std::string_view code_verifier);

}  // namespace tributary::connector
