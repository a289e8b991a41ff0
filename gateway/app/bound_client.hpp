// BoundClient: the HTTP client of one connection. A request goes out only to hosts that every secret of the
// connection's credentials allows, whatever the connector's file and the settings say: who can change those still
// cannot send a credential elsewhere.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "gateway/net/http_client.hpp"
#include "gateway/vault/vault.hpp"

namespace tributary::app {

// "api.example.com", "*.example.com" (any depth below, not the name itself) or an address.
bool is_host_pattern(std::string_view text);

// Client and vault outlive it.
class BoundClient final : public net::HttpClient {
  public:
    BoundClient(net::HttpClient& client, const vault::Vault& vault, std::set<std::string> secrets)
        : client_(client), vault_(vault), secrets_(std::move(secrets)) {}
    run::Task<net::HttpResult> send(net::HttpRequest request, const net::HttpOptions& options) override;

  private:
    Result<void> check(const std::string& url, const net::HttpOptions& options) const;
    net::HttpClient& client_;
    const vault::Vault& vault_;
    std::set<std::string> secrets_;
};

}  // namespace tributary::app
