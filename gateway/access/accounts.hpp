// What the store keeps of users, API tokens and sessions, and the rules over them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/access/bearer.hpp"
#include "gateway/access/role.hpp"
#include "gateway/base/clock.hpp"

namespace tributary::access {

// Wrong tries since the first of a series. After five within 15 minutes nothing is tried until those are over.
struct Attempts {
    std::int64_t wrong = 0;
    Timestamp since{};

    bool locked(Timestamp now) const;
    Attempts after_wrong(Timestamp now) const;
    friend bool operator==(const Attempts&, const Attempts&) = default;
};

constexpr std::int64_t kMostWrong = 5;
constexpr Milliseconds kWrongWindow = std::chrono::minutes{15};

struct User {
    std::string name;
    std::vector<Role> roles;
    std::string password;               // PHC string
    std::string totp;                   // sealed; empty: no second factor
    std::string totp_next;              // sealed; begun, but not confirmed by a first code
    std::int64_t totp_step = 0;         // the newest step whose code was used
    std::vector<std::string> recovery;  // hex of recovery_hash(), of codes not used yet
    Attempts attempts;
    Timestamp created{}, changed{};

    bool has_second_factor() const { return !totp.empty(); }
    PermissionSet permissions() const;
};

struct ApiToken {
    std::string id, label;
    crypto::Digest<32> hash{};
    std::string owner;  // a user, whose rights bound it; empty: the local operator
    PermissionSet scope;
    std::vector<std::string> addresses;  // networks it may come from; empty: everywhere
    Timestamp created{}, expires{};
    std::optional<Timestamp> used;  // to the minute

    bool expired(Timestamp now) const { return now >= expires; }
};

struct SessionToken {
    std::string id;
    crypto::Digest<32> hash{};
    std::string user;
    bool second_factor = false;
    Timestamp created{}, seen{}, expires{};  // `seen` is written at most once a minute

    bool ended(Timestamp now, Milliseconds idle) const { return now >= expires || now - seen >= idle; }
};

// bad_input: 2 to 64 small letters, digits, dots, dashes, underscores and @, with a letter first.
Result<void> check_user_name(std::string_view name);
// bad_input: a permission that no token may hold.
Result<void> check_token_scope(PermissionSet scope);

}  // namespace tributary::access
