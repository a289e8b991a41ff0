// AccountsDesk: changes to users, their second factors and API tokens. Each is one transaction with its audit entry;
// what changes how somebody is known or what they may do ends their sessions in the same one.
#pragma once

#include <string>
#include <vector>

#include "gateway/access/caller.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/flow/breached_passwords.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

struct BegunFactor {
    std::string secret;  // base32, shown once
    std::string uri;     // for a QR code
};

struct NewToken {
    std::string label;
    access::PermissionSet scope;
    std::chrono::days lasts{90};
    std::vector<std::string> addresses;
};

struct IssuedToken {
    std::string id, text;  // the text is shown once
    Timestamp expires{};
};

// Threads: any; calls block on the store, those with a password also on scrypt.
class AccountsDesk {
  public:
    // All of them outlive it. `issuer` stands in authenticator programs.
    AccountsDesk(store::Store& store, const vault::KeyRing& ring, crypto::Random& random, const Clock& clock,
                 std::string issuer, BreachedPasswords breached = BreachedPasswords({}))
        : store_(store),
          ring_(ring),
          random_(random),
          clock_(clock),
          issuer_(std::move(issuer)),
          breached_(std::move(breached)) {}

    // conflict: the name is taken. bad_input: the name or the password is not taken.
    Result<void> add_user(const access::Caller& by, const std::string& name, std::vector<access::Role> roles,
                          const std::string& password);
    // refused: nobody changes their own roles.
    Result<void> set_roles(const access::Caller& by, const std::string& name, std::vector<access::Role> roles);
    Result<void> set_password(const access::Caller& by, const std::string& name, const std::string& password);
    Result<void> remove_user(const access::Caller& by, const std::string& name);

    // A second factor counts once its first code was confirmed; until then the one before holds.
    Result<BegunFactor> begin_factor(const access::Caller& by, const std::string& name);
    // The recovery codes, shown once. bad_input: nothing was begun, or the code is wrong; wrong ones are counted.
    Result<std::vector<std::string>> confirm_factor(const access::Caller& by, const std::string& name,
                                                    const std::string& code);
    // Takes the password away too: one of 12 characters is too short alone.
    Result<void> remove_factor(const access::Caller& by, const std::string& name);

    // bad_input: a permission that no token may hold. refused: one that the caller lacks.
    Result<IssuedToken> add_token(const access::Caller& by, const NewToken& wanted);
    Result<void> revoke_token(const access::Caller& by, const std::string& id);
    Result<void> close_session(const access::Caller& by);

  private:
    Result<void> check_password(const std::string& password, const std::string& user, bool factor) const;
    // Reads the user, lets `change` have it, writes it back with an audit entry and ends the user's sessions.
    template <class F>
    Result<void> change_user(const access::Caller& by, const std::string& name, std::string_view action, F change);
    store::Store& store_;
    const vault::KeyRing& ring_;
    crypto::Random& random_;
    const Clock& clock_;
    std::string issuer_;
    BreachedPasswords breached_;
};

}  // namespace tributary::flow
