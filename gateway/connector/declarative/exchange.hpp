// Exchange: one request and its answer, with all that lies between: names filled in, log-in, rate budget, credentials,
// the host check, one fresh log-in when a session is refused, and what the answer means.
//
// Credentials go to allowed hosts alone, whatever a template or an answer says, and without TLS only where the file or
// the settings say so themselves. Used on the connection's loop alone.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/connector/declarative/definition.hpp"
#include "gateway/connector/declarative/grant_session.hpp"
#include "gateway/connector/declarative/logins.hpp"
#include "gateway/connector/setup.hpp"
#include "gateway/run/rate_budget.hpp"

namespace tributary::connector {

class Exchange {
  public:
    // `gate` is shared with other connections of the same credential; nullptr without a budget. `definition` outlives
    // it.
    Exchange(const Definition& definition, Setup setup, std::shared_ptr<run::RateGate> gate);

    // Settles what the settings decide: base URL and hosts. Fault::bad_config.
    Result<void> prepare();

    struct Failure {
        Error error;
        bool ambiguous = false;  // the request may have been acted upon
    };
    using Outcome = std::expected<Answer, Failure>;

    struct Options {
        const std::vector<ErrorRule>* rules = nullptr;  // asked before the connector's own
        const Condition* fine = nullptr;                // an answer for which it holds is no error
        std::function<void(Draft&)> shape;              // last changes to the request: pages, parameters
        bool resend_safe = false;                       // the same bytes may be sent twice
        std::shared_ptr<const run::Hold> hold;          // not sent once it does not stand any more
        std::function<run::Task<bool>()> look_again;    // when its turn has come; false: not sent
    };
    run::Task<Outcome> call(const RequestTemplate& request, Scope scope, Options options);

    // A GET of a public document, without credentials and beside the rate budget, whose end is the answer whatever its
    // status. Its host must be allowed or public.
    run::Task<Outcome> get_public(std::string url, Milliseconds at_most, std::size_t max_body);

    // For a connector that takes the token elsewhere: whether a log-in goes with the settings; its access token, fresh;
    // and that this token was refused over there.
    bool has_session() const;
    run::Task<Result<std::string>> session_token();
    void drop_session(std::string_view token);

    // {settings}, {credentials}, {now}, {nonce} (32 random hex digits, others each time).
    Scope scope() const;
    const Setup& setup() const { return setup_; }
    Timestamp now() const { return setup_.clock().now(); }
    // The rules a call with these options goes by.
    ErrorRules rules(const Options& options) const;

    // The step whose tokens are kept in the vault; nullopt: this connection has none.
    struct TokenStep {
        std::size_t session, step;
        const SessionAuth* auth;
    };
    std::optional<TokenStep> granted() const;
    // One call to a token endpoint: what stands before the step and the client's own proof go with it. Sent once.
    struct TokenAnswer {
        vault::CallEnd end = vault::CallEnd::failed;
        std::optional<Answer> answer;  // none: no answer came
        Error error;                   // unless granted
    };
    run::Task<TokenAnswer> ask(TokenStep at, const RequestTemplate& request, Scope scope, bool renewing = false);
    // The tokens in an answer; no refresh token: the one before stays.
    Result<vault::Tokens> tokens_in(const SessionAuth& auth, const Answer& answer, const Scope& scope) const;
    Result<GrantSession::Terms> terms(const GrantAuth& grant, const Scope& scope) const;
    GrantSession* grant_session() { return grant_ ? &*grant_ : nullptr; }

  private:
    struct Used {  // one session, as it was when the request was built
        std::size_t index;
        const SessionAuth* auth;
        std::uint64_t generation;
    };
    run::Task<Result<void>> log_in_once(TokenStep at, Scope scope);
    run::Task<Result<void>> log_in_by(TokenStep at, const RequestTemplate& request, Scope scope, bool renewing);
    run::Task<Result<void>> renew_grant(TokenStep at, Scope scope);
    run::Task<Result<void>> renew_in_memory(TokenStep at, Scope scope);
    bool active(const When& when) const;
    std::vector<Used> sessions_before(std::size_t session) const;
    run::Task<Result<std::vector<Used>>> ensure_sessions(std::string method, Scope scope);
    Result<net::HttpRequest> build(const RequestTemplate& request, const Scope& scope, const Options& options,
                                   const std::vector<Used>& used);
    Result<void> attach_steps(std::size_t count, const Scope& scope, const std::vector<Used>& used, Draft& draft) const;
    run::Task<Outcome> transmit(net::HttpRequest request, const RequestTemplate& rule, const Options& options,
                                std::optional<Milliseconds> at_most = std::nullopt);
    run::Task<Outcome> send(net::HttpRequest request, const RequestTemplate& rule, net::HttpOptions options);
    Result<net::HttpOptions> options_for(const net::HttpRequest& request, const RequestTemplate& rule) const;
    Result<void> note_plain(const Template& url);
    bool plain(const std::string& host, const RequestTemplate& rule) const;
    Result<std::vector<std::string>> hosts_of(const std::vector<Template>& hosts);
    Result<void> allow_host_of(const Template& url);
    run::Task<Result<void>> wait_turn();
    void count(const Answer& answer, const std::optional<Error>& error);
    bool refused(const std::vector<Used>& used, const Answer& answer, const std::optional<Error>& error) const;
    Result<std::string> base(const Scope& scope) const;
    value::Document saved_values(const std::vector<Used>& used) const;

    const Definition& definition_;
    Setup setup_;
    std::shared_ptr<run::RateGate> gate_;
    Logins logins_;
    std::optional<GrantSession> grant_;  // with Setup::grants
    std::string refresh_token_;          // without: the newest one
    net::HttpOptions network_;
    std::vector<std::string> public_hosts_;  // asked by anonymous requests alone
    std::vector<std::string> plain_hosts_;   // asked without TLS, since the file or the settings write http://
    bool all_plain_ = false;                 // base_url does: all allowed hosts are
};

}  // namespace tributary::connector
