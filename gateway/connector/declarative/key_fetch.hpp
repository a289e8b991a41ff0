// KeyFetch: fetches the public keys that a Keyring needs, from the address in the connector's file or from where the
// issuer's discovery document leads (OpenID Connect Discovery 1.0 section 4), without credentials and to allowed hosts
// alone. Used on the connection's loop alone.
#pragma once

#include "gateway/connector/declarative/exchange.hpp"
#include "gateway/connector/declarative/keyring.hpp"
#include "gateway/connector/declarative/one_flight.hpp"

namespace tributary::connector {

class KeyFetch final : public HookKeys {
  public:
    // Both outlive it.
    KeyFetch(Exchange& exchange, Keyring& keyring) : exchange_(exchange), keyring_(keyring) {}

    run::Task<> fetch() override;

  private:
    run::Task<Result<void>> fetch_all();
    run::Task<Result<void>> fetch_from(KeyPlace place);
    run::Task<Result<Answer>> get(std::string url);
    Exchange& exchange_;
    Keyring& keyring_;
    OneFlight flight_;
};

// How long an answer may be kept, by its Cache-Control and Age (RFC 9111): an hour when it does not say.
Milliseconds cache_life(const Answer& answer);

}  // namespace tributary::connector
