// OAuth 1.0a (RFC 5849): a header that signs method, URL, query and form, for X, Magento integrations, WooCommerce over
// plain HTTP. JSON bodies are not signed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/connector/declarative/template.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/net/http.hpp"

namespace tributary::connector {

struct Oauth1Auth {
    Template consumer_key, consumer_secret;
    Template token, token_secret;  // empty: one-legged
    crypto::Hash algorithm = crypto::Hash::sha256;
    bool version = true;  // says oauth_version=1.0; WooCommerce wants it left out

    void check(const Names& names, spec::Problems& problems) const;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

// What the URL's query and a form body say, decoded, in the order written. Fault::bad_input: a broken escape.
Result<Parameters> signed_parameters(const net::HttpRequest& request);

// RFC 5849 section 3.4.1. Fault::bad_config: not a URL.
Result<std::string> oauth1_base_string(std::string_view method, std::string_view url, Parameters parameters);

// What OAuth's own parameters, in front of those of the request, are signed as: Base64.
Result<std::string> oauth1_signature(const Oauth1Auth& auth, const Scope& scope, const net::HttpRequest& request,
                                     Parameters ours);

// Adds the Authorization header to the finished request; {nonce} and {now.unix} of the scope make it unique.
Result<void> sign(const Oauth1Auth& auth, const Scope& scope, net::HttpRequest& request);

}  // namespace tributary::connector
