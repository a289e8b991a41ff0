// Session: what one login gave and how long it is good. Pure; Logins (logins.hpp) keeps one login in flight at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "gateway/connector/declarative/auth.hpp"

namespace tributary::connector {

class Session {
  public:
    // A session with time left; `now` by our clock. Sessions end a little early, so that none runs out on its way.
    bool fresh(Timestamp now) const { return known_ && (!expires_ || now < *expires_); }
    // Which login this is: a refusal counts against the login that was used, not against a newer one.
    std::uint64_t generation() const { return generation_; }
    // Whether what it gave may get the next one without a log-in. Not when it came that way itself and was refused.
    bool renewable() const { return generation_ > 0 && !(dropped_ && renewed_); }

    // `renewed`: the answer came by `renew`. Fault::unauthorized: it is no login, or lacks a value that the file names.
    Result<void> take(const SessionAuth& auth, const Answer& answer, const Scope& scope, Timestamp now,
                      bool renewed = false);
    // Tokens out of the vault, of that version of the grant; looked at again at `until`.
    void adopt(value::Document values, std::uint64_t version, std::optional<Timestamp> until);
    // The login of that generation was refused.
    void drop(std::uint64_t generation) {
        if (generation != generation_) return;
        if (std::exchange(known_, false)) refused_ = version_;
        dropped_ = true;
    }
    // The version of the grant whose token was refused since it was adopted.
    std::optional<std::uint64_t> refused() const { return refused_; }
    // When what the login gave runs out, by what it said itself.
    std::optional<Timestamp> end() const { return end_; }

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
    bool dropped_ = false;
    std::uint64_t generation_ = 0;
    std::optional<Timestamp> expires_, end_;
    std::optional<std::uint64_t> version_, refused_;  // of the grant, for sessions that have one
    value::Document values_;
    std::string cookies_;
};

// The `exp` of a JWT, unverified: it only says when to ask for a new one.
std::optional<Timestamp> jwt_expiry(std::string_view token);

}  // namespace tributary::connector
