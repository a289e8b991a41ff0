#include "gateway/flow/sign_in.hpp"

#include <algorithm>
#include <atomic>

#include "gateway/access/totp.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/flow/note_places.hpp"
#include "gateway/flow/sealed_note.hpp"

namespace tributary::flow {
namespace {

// Costs what a real one costs and matches nothing: nobody knows a password whose hash is all zeroes.
constexpr std::string_view kDecoy =
    "$scrypt$ln=17,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

// The codes of the second factor have six digits, recovery codes more.
constexpr std::size_t kLongestTotp = 6;

// How many log in now, in the whole process. One scrypt runs at a time; whoever knocks more often must not take the
// threads that other work needs.
std::atomic<int> inside_now = 0;
constexpr int kMostInside = 5;

class Turnstile {
  public:
    Turnstile() : open_(inside_now.fetch_add(1) < kMostInside) {}
    ~Turnstile() { inside_now.fetch_sub(1); }
    Turnstile(const Turnstile&) = delete;
    Turnstile& operator=(const Turnstile&) = delete;
    bool open() const { return open_; }

  private:
    bool open_;
};

}  // namespace

SignIn::SignIn(store::Store& store, const vault::KeyRing& ring, crypto::Random& random, const Clock& clock,
               SessionRules rules, PasswordCheck check)
    : store_(store), ring_(ring), random_(random), clock_(clock), rules_(rules), check_(std::move(check)) {}

Result<std::string> SignIn::judge(access::User& user, const Credentials& credentials, bool password_right,
                                  std::string_view checked_against) const {
    const auto now = clock_.now();
    if (user.attempts.locked(now)) return "locked";
    // The password was checked before the transaction; one that was changed meanwhile is checked at the next try.
    if (!password_right || user.password != checked_against) return "password";
    if (!user.has_second_factor()) return "";
    if (credentials.code.empty()) return "no code";
    if (credentials.code.size() > kLongestTotp) {
        const auto hash = to_hex(access::recovery_hash(credentials.code).view());
        return std::erase(user.recovery, hash) > 0 ? "" : "recovery code";
    }
    TRY(const auto secret, open_note(ring_, totp_place(user.name), user.totp));
    const auto step = access::accept_totp(secret, credentials.code, now, user.totp_step);
    if (!step) return "code";
    user.totp_step = *step;
    return "";
}

Result<OpenedSession> SignIn::open(const Credentials& credentials) {
    const Turnstile turnstile;
    if (!turnstile.open())
        return fail(Fault::rate_limited, "too many log in at the same time: try again in a few seconds", "session");
    std::optional<access::User> known;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(known, session.accounts().user(credentials.name));
        return {};
    }));
    // A user whose password was taken away is like nobody.
    const std::string stored = known && !known->password.empty() ? known->password : std::string(kDecoy);
    bool right = false;
    {
        std::lock_guard lock(one_scrypt_);
        right = check_(credentials.password, stored);
    }
    const auto made = access::make_bearer(access::BearerKind::session, random_);
    const auto now = clock_.now();
    OpenedSession opened{made.text, now + rules_.longest, false};
    std::string why = "unknown user";
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        TRY(auto user, session.accounts().user(credentials.name));
        if (user) {
            TRY(why, judge(*user, credentials, right, stored));
            const bool locked = why == "locked";
            if (why.empty())
                user->attempts = {};
            else if (!locked)
                user->attempts = user->attempts.after_wrong(now);
            if (!locked) CHECK_OK(session.accounts().put(*user));
        }
        if (why.empty()) {
            opened.second_factor = user->has_second_factor();
            CHECK_OK(session.accounts().put(access::SessionToken{made.bearer.id, made.bearer.hash, user->name,
                                                                 opened.second_factor, now, now, opened.expires}));
        }
        // What was typed as a name may be a password: only names that exist are written down.
        const auto entry =
            why.empty()
                ? audit_entry(clock_, "user", user->name, "session.open",
                              {{"session", made.bearer.id}, {"second_factor", opened.second_factor ? "yes" : "no"}})
                : audit_entry(clock_, "user", user ? user->name : "nobody", "session.refuse", {{"why", why}});
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    if (!why.empty())
        return fail(
            Fault::unauthorized,
            "name, password or code is wrong, or a code was used before; after five wrong tries wait 15 minutes",
            "session");
    return opened;
}

}  // namespace tributary::flow
