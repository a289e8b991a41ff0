// Login: how a person lets us into a system, for connectors whose tokens a person grants (OAuth 2: authorization code
// with PKCE, device code). What a login gives is kept in the vault and renewed from then on.
//
// Called on the connection's loop. The caller keeps what begin_*() gave until the login ends: state and code verifier
// are secrets of that one login.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/run/task.hpp"

namespace tributary::connector {

struct BrowserLogin {
    std::string url;  // for the person to open
    std::string redirect_uri;
    std::string state;
    std::string code_verifier;  // empty without PKCE
};

// What the browser brought back.
struct Redirected {
    std::string code;   // a secret
    std::string query;  // all of it as it came: some providers sign it
};

struct DeviceLogin {
    std::string device_code;  // a secret
    std::string user_code;    // what the person types at `page`
    std::string page;
    std::string whole_page;  // with the code in it; empty when the provider gives none
    Milliseconds interval{5000};
    Timestamp end{};
};

struct LoggedIn {
    std::optional<Timestamp> expires;  // of the access token
    bool renewable = false;            // there is a refresh token
    std::string scope;                 // what was granted, when the provider says
};

class Login {
  public:
    virtual ~Login() = default;
    virtual bool browser() const = 0;
    virtual bool device() const = 0;
    // Where the connector's file wants the browser to come back.
    virtual Result<std::string> redirect_uri() const = 0;
    virtual Result<BrowserLogin> begin_browser(std::string redirect_uri) = 0;
    // The code that came back, for tokens, which are kept before this returns. unauthorized: the provider refused it.
    // Refused too when the provider signs what the browser brings back and did not sign this.
    virtual run::Task<Result<LoggedIn>> redeem(Redirected back, BrowserLogin login) = 0;
    virtual run::Task<Result<DeviceLogin>> begin_device() = 0;
    // Asks until the person has agreed, refused or let it run out.
    virtual run::Task<Result<LoggedIn>> await_device(DeviceLogin login) = 0;
};

// What is in the address that the browser was sent back to: a whole URL, or what follows its '?'. Foreign bytes.
// unauthorized: the person or the provider said no, or the state is not that of this login. bad_input: neither a code
// nor an error is in it.
Result<Redirected> read_redirect(std::string_view address, std::string_view state);

}  // namespace tributary::connector
