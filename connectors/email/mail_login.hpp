// MailLogin: what a mail server is told to let us in, read anew for every connection to it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "gateway/connector/setup.hpp"
#include "gateway/connector/token_source.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::connectors::email {

// Settings that the `auth` of a mail connector reads.
inline const std::vector<std::string> kLoginSettings{"login",         "tenant",     "token_url",
                                                     "authorize_url", "device_url", "scope"};

// A token, when there is one, goes instead of the password (XOAUTH2, or OAUTHBEARER of RFC 7628).
struct MailLogin {
    crypto::SecretBytes username, password, access_token;
};

// Used on the connection's loop alone.
class MailLogins {
  public:
    explicit MailLogins(const connector::Setup& setup) : credential_(setup.credential), tokens_(setup.tokens) {}

    // What `attempt` gives with the login there is (a Result; it blocks and runs on the pool). When that is
    // unauthorized and another token can be had: once more, with that one.
    template <class Attempt>
    auto with_login(run::Pool& pool, Attempt attempt)
        -> run::Task<std::invoke_result_t<Attempt, const std::optional<MailLogin>&>> {
        for (bool again = true;; again = false) {
            auto login = co_await read();
            if (!login) co_return pass(std::move(login));
            auto done = co_await run::on(pool, [&] { return attempt(*login); });
            const bool refused = !done && done.error().fault == Fault::unauthorized;
            if (!refused || !again || !*login || !renew(**login)) co_return done;
        }
    }
    connector::Login* login() const { return tokens_ ? tokens_->login() : nullptr; }

  private:
    // `username` with the token of the connection's OAuth login, else with `access_token` of the credentials, else with
    // `password`. nullopt: the credentials name nobody. Faults: bad_config, unauthorized, those of a token endpoint.
    run::Task<Result<std::optional<MailLogin>>> read();
    // The server refused this login. True: its token was too old, and read() gives another one.
    bool renew(const MailLogin& refused);
    Result<std::optional<crypto::SecretBytes>> field(std::string_view name) const;

    connector::CredentialReader credential_;
    std::shared_ptr<connector::TokenSource> tokens_;
};

}  // namespace tributary::connectors::email
