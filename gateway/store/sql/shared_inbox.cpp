#include "gateway/store/sql/shared_inbox.hpp"

namespace tributary::store {
namespace {

// Where others put entries too, the engine gives the ids.
constexpr const char* kInsertShared =
    "INSERT INTO inbox (connection, received_at, dedup_key, topic, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
// A lower id may come later than a higher one, so the fresh are those that nobody took yet.
constexpr const char* kFreshShared =
    "SELECT id, connection, received_at, dedup_key, topic, headers, body FROM inbox WHERE NOT EXISTS "
    "(SELECT 1 FROM inbox_work WHERE inbox_work.id = inbox.id) ORDER BY id LIMIT ?1";
constexpr const char* kBeginShared =
    "INSERT INTO inbox_work (id, due_at, claims, error, owner) VALUES (?1, ?2, 1, '', ?3)";
constexpr const char* kAgainShared = "UPDATE inbox_work SET due_at = ?2, claims = claims + 1, owner = ?3 WHERE id = ?1";
constexpr const char* kOthers = "SELECT 1 FROM inbox_work WHERE due_at > ?1 AND claims > 0 AND owner <> ?2 LIMIT 1";
constexpr const char* kRetryShared =
    "UPDATE inbox_work SET due_at = ?2, error = ?3, claims = 0 WHERE id = ?1 AND owner = ?4";
constexpr const char* kFinishShared = "DELETE FROM inbox_work WHERE id = ?1";

}  // namespace

SharedInbox::SharedInbox(Connection& connection)
    : connection_(connection),
      insert_(connection, kInsertShared),
      others_(connection, kOthers),
      fresh_(connection, kFreshShared),
      begin_work_(connection, kBeginShared),
      again_(connection, kAgainShared),
      retry_(connection, kRetryShared),
      finish_(connection, kFinishShared) {}

Result<std::int64_t> SharedInbox::insert(std::int64_t connection, const InboxEntry& entry) {
    return insert_.run(connection, entry.received_at, entry.dedup_key, entry.topic, Blob{entry.headers},
                       Blob{entry.body});
}

Result<bool> SharedInbox::others_work(Timestamp now) {
    return others_.first([](const Row&) {}, now, connection_.node());
}

Result<std::int64_t> SharedInbox::begin_work(std::int64_t id, Timestamp until) {
    return begin_work_.run(id, until, connection_.node());
}

Result<std::int64_t> SharedInbox::claim_again(std::int64_t id, Timestamp until) {
    return again_.run(id, until, connection_.node());
}

Result<std::int64_t> SharedInbox::retry(std::int64_t id, Timestamp at, const std::string& error) {
    return retry_.run(id, at, error, connection_.node());
}

Result<std::int64_t> SharedInbox::finish(std::int64_t id) {
    TRY(const auto finished, finish_.run(id));
    if (finished == 0)
        return fail(Fault::conflict, "another gateway took this webhook over and finished it: its work counts",
                    "inbox " + std::to_string(id));
    return finished;
}

}  // namespace tributary::store
