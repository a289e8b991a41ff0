#include "gateway/store/sql/accounts_tables.hpp"

#include "gateway/base/text.hpp"

namespace tributary::store {
namespace {

#define TRIBUTARY_USER_COLUMNS \
    "name, roles, password, totp, totp_next, totp_step, recovery, wrong, wrong_since, created_at, changed_at"
#define TRIBUTARY_TOKEN_COLUMNS "id, label, hash, owner, scope, addresses, created_at, expires_at, used_at"
#define TRIBUTARY_SESSION_COLUMNS "id, hash, user, second_factor, created_at, seen_at, expires_at"

constexpr const char* kUser = "SELECT " TRIBUTARY_USER_COLUMNS " FROM account WHERE name = ?1";
constexpr const char* kUsers = "SELECT " TRIBUTARY_USER_COLUMNS " FROM account WHERE name > ?1 ORDER BY name LIMIT ?2";
constexpr const char* kToken = "SELECT " TRIBUTARY_TOKEN_COLUMNS " FROM api_token WHERE id = ?1";
constexpr const char* kTokens = "SELECT " TRIBUTARY_TOKEN_COLUMNS " FROM api_token WHERE id > ?1 ORDER BY id LIMIT ?2";
constexpr const char* kSession = "SELECT " TRIBUTARY_SESSION_COLUMNS " FROM session_token WHERE id = ?1";
constexpr const char* kPutUser =
    "INSERT INTO account (" TRIBUTARY_USER_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
    "ON CONFLICT (name) DO UPDATE SET roles = excluded.roles, password = excluded.password, totp = excluded.totp, "
    "totp_next = excluded.totp_next, totp_step = excluded.totp_step, recovery = excluded.recovery, "
    "wrong = excluded.wrong, wrong_since = excluded.wrong_since, created_at = excluded.created_at, "
    "changed_at = excluded.changed_at";
constexpr const char* kPutToken =
    "INSERT INTO api_token (" TRIBUTARY_TOKEN_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
    "ON CONFLICT (id) DO UPDATE SET label = excluded.label, hash = excluded.hash, owner = excluded.owner, "
    "scope = excluded.scope, addresses = excluded.addresses, created_at = excluded.created_at, "
    "expires_at = excluded.expires_at, used_at = excluded.used_at";
constexpr const char* kPutSession =
    "INSERT INTO session_token (" TRIBUTARY_SESSION_COLUMNS
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
    "ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, user = excluded.user, "
    "second_factor = excluded.second_factor, created_at = excluded.created_at, seen_at = excluded.seen_at, "
    "expires_at = excluded.expires_at";
constexpr const char* kRemoveUser = "DELETE FROM account WHERE name = ?1";
constexpr const char* kRemoveToken = "DELETE FROM api_token WHERE id = ?1";
constexpr const char* kRemoveTokensOf = "DELETE FROM api_token WHERE owner = ?1";
constexpr const char* kRemoveSession = "DELETE FROM session_token WHERE id = ?1";
constexpr const char* kRemoveSessions = "DELETE FROM session_token WHERE user = ?1";
constexpr const char* kSweepSessions = "DELETE FROM session_token WHERE expires_at < ?1";
constexpr const char* kSweepTokens = "DELETE FROM api_token WHERE expires_at < ?1";

#undef TRIBUTARY_USER_COLUMNS
#undef TRIBUTARY_TOKEN_COLUMNS
#undef TRIBUTARY_SESSION_COLUMNS

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> all;
    for (const auto word : split(text, ' '))
        if (!word.empty()) all.emplace_back(word);
    return all;
}

access::User read_user(const Row& row) {
    access::User one;
    std::string roles, recovery;
    row.read(one.name, roles, one.password, one.totp, one.totp_next, one.totp_step, recovery, one.attempts.wrong,
             one.attempts.since, one.created, one.changed);
    one.roles = access::roles_from_text(roles);
    one.recovery = words(recovery);
    return one;
}

access::ApiToken read_token(const Row& row) {
    access::ApiToken one;
    std::string scope, addresses;
    row.read(one.id, one.label, one.hash, one.owner, scope, addresses, one.created, one.expires, one.used);
    one.scope = access::PermissionSet::from_text(scope);
    one.addresses = words(addresses);
    return one;
}

access::SessionToken read_session(const Row& row) {
    access::SessionToken one;
    row.read(one.id, one.hash, one.user, one.second_factor, one.created, one.seen, one.expires);
    return one;
}

}  // namespace

AccountsReads::AccountsReads(Connection& connection)
    : user_(connection, kUser),
      users_(connection, kUsers),
      token_(connection, kToken),
      tokens_(connection, kTokens),
      session_(connection, kSession) {}

Result<std::optional<access::User>> AccountsReads::user(std::string_view name) {
    std::optional<access::User> found;
    CHECK_OK(user_.first([&](const Row& row) { found = read_user(row); }, name));
    return found;
}

Result<std::vector<access::User>> AccountsReads::users(std::string_view after, std::size_t limit) {
    std::vector<access::User> all;
    CHECK_OK(users_.each([&](const Row& row) { all.push_back(read_user(row)); }, after, limit));
    return all;
}

Result<std::optional<access::ApiToken>> AccountsReads::token(std::string_view id) {
    std::optional<access::ApiToken> found;
    CHECK_OK(token_.first([&](const Row& row) { found = read_token(row); }, id));
    return found;
}

Result<std::vector<access::ApiToken>> AccountsReads::tokens(std::string_view after, std::size_t limit) {
    std::vector<access::ApiToken> all;
    CHECK_OK(tokens_.each([&](const Row& row) { all.push_back(read_token(row)); }, after, limit));
    return all;
}

Result<std::optional<access::SessionToken>> AccountsReads::session(std::string_view id) {
    std::optional<access::SessionToken> found;
    CHECK_OK(session_.first([&](const Row& row) { found = read_session(row); }, id));
    return found;
}

AccountsTable::AccountsTable(Connection& connection)
    : AccountsReads(connection),
      put_user_(connection, kPutUser),
      put_token_(connection, kPutToken),
      put_session_(connection, kPutSession),
      remove_user_(connection, kRemoveUser),
      remove_token_(connection, kRemoveToken),
      remove_session_(connection, kRemoveSession),
      remove_sessions_(connection, kRemoveSessions),
      remove_tokens_of_(connection, kRemoveTokensOf),
      sweep_sessions_(connection, kSweepSessions),
      sweep_tokens_(connection, kSweepTokens),
      retired_(connection) {}

Result<void> AccountsTable::put(const access::User& user) {
    CHECK_OK(retired_.refuse(user.totp, "user " + user.name));
    CHECK_OK(retired_.refuse(user.totp_next, "user " + user.name));
    CHECK_OK(put_user_.run(user.name, access::text_of(user.roles), user.password, Blob{user.totp}, Blob{user.totp_next},
                           user.totp_step, join(user.recovery, " "), user.attempts.wrong, user.attempts.since,
                           user.created, user.changed));
    return {};
}

Result<void> AccountsTable::put(const access::ApiToken& token) {
    CHECK_OK(put_token_.run(token.id, token.label, token.hash, token.owner, token.scope.text(),
                            join(token.addresses, " "), token.created, token.expires, token.used));
    return {};
}

Result<void> AccountsTable::put(const access::SessionToken& session) {
    CHECK_OK(put_session_.run(session.id, session.hash, session.user, session.second_factor ? 1 : 0, session.created,
                              session.seen, session.expires));
    return {};
}

Result<bool> AccountsTable::remove_user(std::string_view name) {
    CHECK_OK(remove_sessions_.run(name));
    CHECK_OK(remove_tokens_of_.run(name));
    TRY(const auto removed, remove_user_.run(name));
    return removed > 0;
}

Result<bool> AccountsTable::remove_token(std::string_view id) {
    TRY(const auto removed, remove_token_.run(id));
    return removed > 0;
}

Result<bool> AccountsTable::remove_session(std::string_view id) {
    TRY(const auto removed, remove_session_.run(id));
    return removed > 0;
}

Result<void> AccountsTable::remove_sessions_of(std::string_view user) {
    CHECK_OK(remove_sessions_.run(user));
    return {};
}

Result<void> AccountsTable::sweep(Timestamp before) {
    CHECK_OK(sweep_sessions_.run(before));
    CHECK_OK(sweep_tokens_.run(before));
    return {};
}

}  // namespace tributary::store
