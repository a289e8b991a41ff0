// Session: what one login gave and how long it is good. Pure; Logins (logins.hpp) keeps one login in flight at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/connector/declarative/auth.hpp"

namespace tributary::connector {

class Session {
  public:
    // A session with time left; `now` by our clock. Sessions end a little early, so that none runs out on its way.
    bool fresh(Timestamp now) const { return known_ && (!expires_ || now < *expires_); }
    // Which login this is: a refusal counts against the login that was used, not against a newer one.
    std::uint64_t generation() const { return generation_; }
    // Whether what it gave may get the next one without a log-in. Not when it came that way itself and was refused.
    bool renewable() const { return generation_ > 0 && !(refused_ && renewed_); }

    // `renewed`: the answer came by `renew`. Fault::unauthorized: it is no login, or lacks a value that the file names.
    Result<void> take(const SessionAuth& auth, const Answer& answer, const Scope& scope, Timestamp now,
                      bool renewed = false);
    // The login of that generation was refused.
    void drop(std::uint64_t generation) {
        if (generation != generation_) return;
        known_ = false;
        refused_ = true;
    }

    // The saved values, for {session.NAME}.
    value::Node values() const { return values_.root(); }
    // "a=1; b=2"; empty: none.
    const std::string& cookies() const { return cookies_; }
    // Adds what an answer sets: sessions rotate cookies as they go.
    void take_cookies(const Answer& answer);

  private:
    std::optional<Timestamp> end_of(const Lifetime& lifetime, const Answer& answer, Timestamp now) const;
    bool known_ = false;
    bool renewed_ = false;
    bool refused_ = false;
    std::uint64_t generation_ = 0;
    std::optional<Timestamp> expires_;
    value::Document values_;
    std::string cookies_;
};

// The `exp` of a JWT, unverified: it only says when to ask for a new one.
std::optional<Timestamp> jwt_expiry(std::string_view token);

}  // namespace tributary::connector
