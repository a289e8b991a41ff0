// Exchange: one request and its answer, with all that lies between: names filled in, log-in, rate budget, credentials,
// the host check, one fresh log-in when a session is refused, and what the answer means.
//
// Credentials go to allowed hosts alone, whatever a template or an answer says. Used on the connection's loop alone.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/connector/declarative/definition.hpp"
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
    };
    run::Task<Outcome> call(const RequestTemplate& request, Scope scope, Options options);

    // {settings}, {credentials}, {now}, {nonce} (32 random hex digits, others each time).
    Scope scope() const;
    const Setup& setup() const { return setup_; }
    Timestamp now() const { return setup_.clock().now(); }
    // The rules a call with these options goes by.
    ErrorRules rules(const Options& options) const;

  private:
    struct Used {  // one session, as it was when the request was built
        std::size_t index;
        const SessionAuth* auth;
        std::uint64_t generation;
    };
    run::Task<Result<void>> log_in(std::size_t session, const SessionAuth& auth, std::size_t step, Scope scope);
    run::Task<Result<void>> ask_login(std::size_t session, const SessionAuth& auth, std::size_t step, Scope scope,
                                      bool renewing);
    run::Task<Result<std::vector<Used>>> ensure_sessions(std::string method, Scope scope);
    Result<net::HttpRequest> build(const RequestTemplate& request, const Scope& scope, const Options& options,
                                   const std::vector<Used>& used);
    Result<void> attach_steps(std::size_t count, const Scope& scope, const std::vector<Used>& used, Draft& draft) const;
    run::Task<Outcome> transmit(net::HttpRequest request, const RequestTemplate& rule, bool resend_safe);
    Result<std::vector<std::string>> hosts_of(const std::vector<Template>& hosts);
    run::Task<Result<void>> wait_turn();
    void count(const Answer& answer, const std::optional<Error>& error);
    bool refused(const std::vector<Used>& used, const Answer& answer, const std::optional<Error>& error) const;
    Result<std::string> base(const Scope& scope) const;
    value::Document saved_values(const std::vector<Used>& used) const;

    const Definition& definition_;
    Setup setup_;
    std::shared_ptr<run::RateGate> gate_;
    Logins logins_;
    net::HttpOptions network_;
    std::vector<std::string> public_hosts_;  // asked by anonymous requests alone
};

}  // namespace tributary::connector
