// TokenSource: access tokens for a connector whose roles are C++ and whose connector.yaml has an `auth`. Whoever speaks
// another protocol than HTTP (a mail server behind OAuth 2) logs in with the same grants, the same vault and the same
// `connection login` as every declarative connector.
//
// Used on the connection's loop alone; lives as long as the connector.
#pragma once

#include "gateway/base/result.hpp"
#include "gateway/crypto/secret_bytes.hpp"
#include "gateway/run/task.hpp"

namespace tributary::connector {

class Login;

class TokenSource {
  public:
    virtual ~TokenSource() = default;
    // A token with time left: the one there is, or a new one. unauthorized: a person has to log in.
    virtual run::Task<Result<crypto::SecretBytes>> token() = 0;
    // The system refused this token although it had time left: token() gives another one from now on.
    virtual void refused(const crypto::SecretBytes& token) = 0;
    // nullptr: no person is needed.
    virtual Login* login() = 0;
};

}  // namespace tributary::connector
