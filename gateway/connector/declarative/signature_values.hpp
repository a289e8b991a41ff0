// SignatureValues: what the templates of a webhook may name, for one request. Bodies are parsed only when a template
// asks for a part of them: whatever is signed is checked over the raw bytes. A body that is no JSON, form or XML has no
// parts.
//
//   {body}             the raw bytes                {method} {path}    {path} is the target up to '?'
//   {url}              the public URL, untouched    {decoded_url}      with %3A %2F %3F %40 %21 %24 %27 %28 %29 %2A
//   {query.NAME}       decoded                                         %2C %3B decoded (HubSpot's rule)
//   {header.NAME}      case ignored                 {sorted_form}      names and values of the form, decoded, sorted
//   {json.PATH}        "json.a.b[0]"                                   and joined without separators (Twilio's rule)
//   {form.NAME}        decoded                      {xml.PATH}         the root element's name first
//   {signed_query.NAME} {joined_query.NAME}   the query without NAME, decoded and sorted by name: as name=value with &
//                      between them and % & = and the space escaped (Shopify's OAuth callback), or with nothing between
//                      them and the values of one name joined by commas (Shopify's app proxy); nothing when a name of
//                      Shopify's own comes twice, and in the first form when any does
//   {credentials.NAME} a secret                     {timestamp} {key} {item}   where verify.hpp says so
//   {plain} {plain.json.PATH} {plain.xml.PATH}      an encrypted body, opened (encrypted_body.hpp)
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/jwt_verify.hpp"
#include "gateway/connector/declarative/scope.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connector {

// Reads one credential field; the type of Setup::credential. A field may hold up to ten secrets that are valid at the
// same time, one a line, the newest first: during a rotation each of them is tried.
using SecretReader = std::function<Result<crypto::SecretBytes>(std::string_view field)>;

// The names above; credentials are the ones listed, or any when none are.
Names signature_names(std::set<std::string, std::less<>> credentials = {});

// Keeps the request, which outlives it. Used by one thread.
class SignatureValues {
  public:
    SignatureValues(const InboundRequest& request, SecretReader secrets);
    ~SignatureValues();
    SignatureValues(const SignatureValues&) = delete;
    SignatureValues& operator=(const SignatureValues&) = delete;

    Scope& scope() { return scope_; }
    const InboundRequest& request() const { return request_; }
    Result<const value::Document*> json();

    // What {plain} is, asked for once when it is needed; nullopt: there is none.
    using Opener = std::function<Result<std::optional<std::string>>()>;
    void open_with(Opener opener) { opener_ = std::move(opener); }

    // Where the public keys of senders come from; without it there are none to be had.
    void find_keys_with(KeyFinder finder) { keys_ = std::move(finder); }
    Result<Keyring::Keys> keys(const KeyPlace& place, std::string_view id, JwtAlgorithm algorithm) const;

    // Which of several secrets {credentials.x} stands for, and how many the fields asked for so far hold.
    void use_secret(std::size_t index) { secret_ = index; }
    std::size_t secrets_seen() const;

  private:
    using Text = Result<std::optional<std::string>>;
    Text query(std::string_view name);
    Text query_without(std::string_view name, bool joined);
    Result<const value::Document*> query_fields();
    Text header(std::string_view name) const;
    Text credential(std::string_view field);
    Text sorted_form();
    Text plain(std::string_view rest);
    Result<const value::Document*> form();
    Result<const value::Document*> xml();

    const InboundRequest& request_;
    SecretReader reader_;
    Opener opener_;
    KeyFinder keys_;
    std::optional<Text> plain_;
    Scope scope_;
    std::optional<Result<value::Document>> query_, json_, form_, xml_, plain_json_, plain_xml_;
    std::map<std::string, std::vector<std::string>, std::less<>> secrets_;
    std::size_t secret_ = 0;
};

// HubSpot's list of escapes that are decoded before signing.
std::string decode_listed_escapes(std::string_view url);

}  // namespace tributary::connector
