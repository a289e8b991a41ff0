// One-click unsubscribing (RFC 8058) for the mails that the smtp connector sends: links that nobody can guess or read,
// and the hook that takes them back.
//
// A link is `unsubscribe_url`/TOKEN. The token holds the address and the action, sealed with a key of the connection's
// secret, so nothing is kept for it and it tells nothing. A POST of List-Unsubscribe=One-Click withdraws; a GET, which
// scanners of links do too, shows a page with a button and changes nothing.
#pragma once

#include <string>
#include <string_view>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"
#include "gateway/crypto/aead.hpp"

namespace tributary::connectors::smtp {

struct Unsubscriber {
    std::string address, action;
};

class UnsubscribeLinks {
  public:
    // `secret` is at least 16 bytes; the links of one connection do not open with another.
    static Result<UnsubscribeLinks> make(std::string_view secret, std::string connection);

    std::string token(const Unsubscriber& who, crypto::Random& random) const;
    // unauthorized with a reason code when it is none of ours.
    Result<Unsubscriber> open(std::string_view token) const;

  private:
    UnsubscribeLinks(crypto::AeadKey key, std::string connection)
        : key_(std::move(key)), connection_(std::move(connection)) {}
    crypto::AeadKey key_;
    std::string connection_;
};

class UnsubscribeHook final : public connector::Hook {
  public:
    // REQUIRES: the clock outlives this.
    UnsubscribeHook(std::string connection, connector::CredentialReader credential, const Clock& clock)
        : connection_(std::move(connection)), credential_(std::move(credential)), clock_(clock) {}

    // The links as the secret of this moment makes them.
    Result<UnsubscribeLinks> links() const;

    std::optional<Result<connector::InboundAnswer>> challenge(const connector::InboundRequest& request,
                                                              Timestamp now) const override;
    Result<void> verify(const connector::InboundRequest& request, Timestamp now) const override;
    Result<connector::InboundRequest> open(connector::InboundRequest request) const override;
    Result<std::string> delivery_id(const connector::InboundRequest& request) const override;
    Result<std::string> topic(const connector::InboundRequest& request) const override;
    Result<std::vector<connector::InboundEvent>> decode(const std::string& topic,
                                                        const std::string& body) const override;
    Result<connector::InboundAnswer> accepted(Timestamp now) const override;

  private:
    Result<Unsubscriber> who(const connector::InboundRequest& request) const;
    std::string connection_;
    connector::CredentialReader credential_;
    const Clock& clock_;
};

}  // namespace tributary::connectors::smtp
