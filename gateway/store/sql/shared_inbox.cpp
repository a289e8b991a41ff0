#include "gateway/store/sql/shared_inbox.hpp"

#include <map>
#include <optional>
#include <vector>

#include "gateway/store/sql/names.hpp"

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

// Those whose body is sealed with a retired key get their outcome here.
Result<std::vector<const Acceptance*>> not_refused(std::span<const Acceptance> entries, RetiredKeys& keys) {
    std::vector<const Acceptance*> rest;
    std::map<Uid, bool> retired;  // a batch is sealed with one key, or with two
    for (const auto& one : entries) {
        const auto key = RetiredKeys::key_of(one.entry->body);
        if (key && !retired.contains(*key)) {
            TRY(retired[*key], keys.holds(*key));
        }
        if (key && retired[*key])
            *one.outcome = RetiredKeys::refusal("inbox of " + one.entry->connection);
        else
            rest.push_back(&one);
    }
    return rest;
}

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

Result<void> SharedInbox::put(std::span<const Acceptance> entries, Statement& see, RetiredKeys& retired) {
    auto& names = connection_.names();
    TRY(const auto judged, not_refused(entries, retired));
    std::vector<const Acceptance*> fresh;
    CHECK_OK(see.run_all(
        judged.size(),
        [&](std::size_t i, auto&& with) -> Result<void> {
            const auto& entry = *judged[i]->entry;
            TRY(const auto connection, names.id(entry.connection));
            return with(connection, entry.dedup_key, entry.received_at);
        },
        [&](std::size_t i, std::int64_t added) {
            *judged[i]->outcome = added > 0 ? Accepted::fresh : Accepted::duplicate;
            if (added > 0) fresh.push_back(judged[i]);
        }));
    return insert_.run_all(fresh.size(), [&](std::size_t i, auto&& with) -> Result<void> {
        const auto& entry = *fresh[i]->entry;
        TRY(const auto connection, names.id(entry.connection));
        return with(connection, entry.received_at, entry.dedup_key, entry.topic, Blob{entry.headers}, Blob{entry.body});
    });
}

Result<bool> SharedInbox::others_work(Timestamp now) {
    return others_.first([](const Row&) {}, now, connection_.node());
}

Result<void> SharedInbox::begin_work(std::span<const ClaimedEntry> claimed, Timestamp until) {
    return begin_work_.run_all(
        claimed.size(), [&](std::size_t i, auto&& with) { return with(claimed[i].id, until, connection_.node()); });
}

Result<void> SharedInbox::claim_again(std::span<const ClaimedEntry> claimed, Timestamp until) {
    return again_.run_all(claimed.size(),
                          [&](std::size_t i, auto&& with) { return with(claimed[i].id, until, connection_.node()); });
}

Result<std::int64_t> SharedInbox::retry(std::int64_t id, Timestamp at, const std::string& error) {
    return retry_.run(id, at, error, connection_.node());
}

Result<void> SharedInbox::finish(std::span<const std::int64_t> ids) {
    std::optional<std::int64_t> gone;
    CHECK_OK(finish_.run_all(
        ids.size(), [&](std::size_t i, auto&& with) { return with(ids[i]); },
        [&](std::size_t i, std::int64_t finished) {
            if (finished == 0) gone = ids[i];
        }));
    if (gone)
        return fail(Fault::conflict, "another gateway took this webhook over and finished it: its work counts",
                    "inbox " + std::to_string(*gone));
    return {};
}

}  // namespace tributary::store
