// SignIn: name, password and code for a session.
//
// Whoever tries learns nothing but yes or no: each try costs one scrypt, also for a name that nobody has, and all wrong
// ones get the same answer. Five wrong ones within 15 minutes lock the user for the rest of them. A code of the second
// factor is taken once. Successes and failures are audited in the transaction that counts them.
//
// Threads: open() may be called from any thread and blocks for about 0.3 s; one scrypt runs at a time, for it takes 128
// MB.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "gateway/access/caller.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/crypto/random.hpp"
#include "gateway/store/store.hpp"
#include "gateway/vault/key_ring.hpp"

namespace tributary::flow {

struct SessionRules {
    Milliseconds idle = std::chrono::minutes{30}, longest = std::chrono::hours{12};
};

struct Credentials {
    std::string name, password;
    std::string code;  // six digits, or a recovery code; empty: none
};

struct OpenedSession {
    std::string token;  // shown once
    Timestamp expires{};
    bool second_factor = false;
};

class SignIn {
  public:
    using PasswordCheck = std::function<bool(std::string_view password, std::string_view stored)>;
    // All of them outlive it. `check`: crypto::password_matches, which tests count.
    SignIn(store::Store& store, const vault::KeyRing& ring, crypto::Random& random, const Clock& clock,
           SessionRules rules, PasswordCheck check);

    // unauthorized, whatever was wrong.
    Result<OpenedSession> open(const Credentials& credentials);

  private:
    // Why not; empty: it is right, and the user is changed as a right try changes it.
    Result<std::string> judge(access::User& user, const Credentials& credentials, bool password_right,
                              std::string_view checked_against) const;
    store::Store& store_;
    const vault::KeyRing& ring_;
    crypto::Random& random_;
    const Clock& clock_;
    SessionRules rules_;
    PasswordCheck check_;
    std::mutex one_scrypt_;
};

}  // namespace tributary::flow
