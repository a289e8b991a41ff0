#include "gateway/store/sql/inbox_table.hpp"

#include <algorithm>
#include <utility>

#include "gateway/store/sql/inbox_depth.hpp"
#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kSee =
    "INSERT INTO inbox_seen (connection, dedup_key, received_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
constexpr const char* kInsertInbox =
    "INSERT INTO inbox (id, connection, received_at, dedup_key, topic, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
    "?7)";
constexpr const char* kNewest =
    "SELECT max(coalesce((SELECT max(id) FROM inbox), 0), coalesce((SELECT max(id) FROM inbox_work), 0))";
constexpr const char* kNewestClaimed = "SELECT coalesce(max(id), 0) FROM inbox_work";
constexpr const char* kDueInbox =
    "SELECT id, claims, error FROM inbox_work WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2";
constexpr const char* kAgain = "UPDATE inbox_work SET due_at = ?2, claims = claims + 1 WHERE id = ?1";
constexpr const char* kLoad =
    "SELECT connection, received_at, dedup_key, topic, headers, body FROM inbox WHERE id = ?1";
constexpr const char* kFresh =
    "SELECT id, connection, received_at, dedup_key, topic, headers, body FROM inbox WHERE id > ?1 ORDER BY id LIMIT ?2";
constexpr const char* kBeginWork = "INSERT INTO inbox_work (id, due_at, claims, error) VALUES (?1, ?2, 1, '')";
constexpr const char* kFinish = "DELETE FROM inbox WHERE id = ?1";
constexpr const char* kFinishWork = "DELETE FROM inbox_work WHERE id = ?1";
constexpr const char* kRetry = "UPDATE inbox_work SET due_at = ?2, error = ?3, claims = 0 WHERE id = ?1";
// A row in use has a claim that was not followed by a retry.
constexpr const char* kReclaimInbox = "UPDATE inbox_work SET due_at = 0 WHERE claims > 0";
constexpr const char* kScan =
    "SELECT connection, dedup_key, received_at FROM inbox_seen WHERE (connection, dedup_key) > (?1, ?2) "
    "ORDER BY connection, dedup_key LIMIT ?3";
constexpr const char* kSealedWith =
    "SELECT id, connection, body FROM inbox WHERE id > ?1 AND substr(body, 5, 16) = ?2 ORDER BY id LIMIT ?3";
constexpr const char* kCountSealed = "SELECT count(*) FROM inbox WHERE substr(body, 5, 16) = ?1";
constexpr const char* kReseal = "UPDATE inbox SET body = ?3 WHERE id = ?1 AND body = ?2";
constexpr const char* kForget = "DELETE FROM inbox_seen WHERE connection = ?1 AND dedup_key = ?2";

}  // namespace

InboxReads::InboxReads(Connection& connection)
    : connection_(connection),
      depth_(connection, inbox_depth(connection)),
      sealed_with_(connection, kSealedWith),
      count_sealed_(connection, kCountSealed) {}

Result<InboxDepth> InboxReads::depth() {
    InboxDepth depth;
    CHECK_OK(depth_.first([&](const Row& row) { row.read(depth.waiting, depth.oldest); }));
    return depth;
}

Result<std::vector<SealedBody>> InboxReads::sealed_with(Uid key, std::int64_t after, std::size_t limit) {
    std::vector<SealedBody> bodies;
    CHECK_OK(sealed_with_.each(
        [&](const Row& row) {
            auto& body = bodies.emplace_back();
            row.read(body.id, Named{body.connection}, body.body);
        },
        after, key, limit));
    return bodies;
}

Result<std::uint64_t> InboxReads::count_sealed_with(Uid key) {
    std::uint64_t count = 0;
    CHECK_OK(count_sealed_.first([&](const Row& row) { row.read(count); }, key));
    return count;
}

InboxTable::InboxTable(Connection& connection, CountersTable& counters)
    : InboxReads(connection),
      counters_(counters),
      see_(connection, kSee),
      insert_(connection, kInsertInbox),
      newest_(connection, kNewest),
      newest_claimed_(connection, kNewestClaimed),
      due_(connection, kDueInbox),
      again_(connection, kAgain),
      load_(connection, kLoad),
      fresh_(connection, kFresh),
      begin_work_(connection, kBeginWork),
      finish_(connection, kFinish),
      finish_work_(connection, kFinishWork),
      retry_(connection, kRetry),
      reclaim_(connection, kReclaimInbox),
      scan_(connection, kScan),
      forget_(connection, kForget),
      reseal_(connection, kReseal),
      shared_(connection),
      retired_(connection) {}

InboxTable::Tally& InboxTable::tally(const std::string& connection) {
    for (auto& known : tallies_) {
        if (known.connection == connection) return known;
    }
    return tallies_.emplace_back(connection);
}

Result<void> InboxTable::load_ids() {
    if (ids_known_ || connection_.shared()) return {};
    std::int64_t newest = 0;
    CHECK_OK(newest_.first([&](const Row& row) { row.read(newest); }));
    CHECK_OK(newest_claimed_.first([&](const Row& row) { row.read(newest_claimed_id_); }));
    next_id_ = newest + 1;
    ids_known_ = true;
    return {};
}

Result<Accepted> InboxTable::put_one(const InboxEntry& entry) {
    CHECK_OK(load_ids());
    CHECK_OK(retired_.refuse(entry.body, "inbox of " + entry.connection));
    TRY(const auto connection, connection_.names().id(entry.connection));
    TRY(const auto fresh, see_.run(connection, entry.dedup_key, entry.received_at));
    if (fresh == 0) {
        ++tally(entry.connection).duplicate;
        return Accepted::duplicate;
    }
    auto kept = insert_.run(next_id_, connection, entry.received_at, entry.dedup_key, entry.topic, Blob{entry.headers},
                            Blob{entry.body});
    if (!kept) {
        // A key without its body would turn the sender's next try into a duplicate of nothing.
        std::ignore = forget_.run(connection, entry.dedup_key);  // the error before it is the one to tell
        return pass(std::move(kept), "inbox of " + entry.connection);
    }
    ++next_id_;
    ++tally(entry.connection).accepted;
    return Accepted::fresh;
}

Result<void> InboxTable::accept(std::span<const Acceptance> entries) {
    if (!connection_.shared()) {
        for (const auto& one : entries) {
            *one.outcome = put_one(*one.entry);
            // Without room the engine may have ended the transaction: what is put after that would stay by itself.
            if (!*one.outcome && (connection_.full() || connection_.broken() || !connection_.in_transaction()))
                return fail(one.outcome->error());
        }
        return {};
    }
    CHECK_OK(shared_.put(entries, see_, retired_));
    for (const auto& one : entries) {
        if (!*one.outcome) continue;
        auto& counted = tally(one.entry->connection);
        ++(**one.outcome == Accepted::fresh ? counted.accepted : counted.duplicate);
    }
    return {};
}

Result<bool> InboxTable::reseal(const SealedBody& read, std::string_view body) {
    TRY(const auto changed, reseal_.run(read.id, Blob{read.body}, Blob{body}));
    return changed > 0;
}

Result<void> InboxTable::note_counts() {
    auto tallies = std::exchange(tallies_, {});
    // In one order everywhere: two transactions that count the same connections do not wait for each other.
    std::ranges::sort(tallies, {}, &Tally::connection);
    for (const auto& counted : tallies) {
        CHECK_OK(counters_.count(Counter::accepted, counted.connection, {}, counted.accepted));
        CHECK_OK(counters_.count(Counter::duplicate, counted.connection, {}, counted.duplicate));
    }
    return {};
}

Result<std::vector<Accepted>> InboxTable::put(std::span<const InboxEntry> entries) {
    std::vector<Result<Accepted>> outcomes(entries.size(), Accepted::fresh);
    std::vector<Acceptance> each;
    for (std::size_t i = 0; i < entries.size(); ++i) each.push_back({&entries[i], &outcomes[i]});
    CHECK_OK(accept(each));
    std::vector<Accepted> answers;
    for (auto& outcome : outcomes) {
        TRY(const auto accepted, std::move(outcome));
        answers.push_back(accepted);
    }
    CHECK_OK(note_counts());
    return answers;
}

Result<void> InboxTable::claim_again(std::vector<ClaimedEntry>& into, std::size_t limit, Timestamp now,
                                     Timestamp until) {
    CHECK_OK(due_.each(
        [&](const Row& row) {
            auto& claimed = into.emplace_back();
            row.read(claimed.id, claimed.claims, claimed.last_error);
        },
        now, limit));
    const auto count = into.size();
    for (auto& claimed : into) ++claimed.claims;
    const auto again = [&](std::size_t i, auto&& with) { return with(into[i].id, until); };
    CHECK_OK(connection_.shared() ? shared_.claim_again(into, until) : again_.run_all(count, again));
    return load_.each_of_all(
        count, [&](std::size_t i, auto&& with) { return with(into[i].id); },
        [&](std::size_t i, const Row& row) {
            auto& entry = into[i].entry;
            row.read(Named{entry.connection}, entry.received_at, entry.dedup_key, entry.topic, entry.headers,
                     entry.body);
        });
}

Result<void> InboxTable::claim_fresh(std::vector<ClaimedEntry>& into, std::size_t limit, Timestamp until) {
    const auto first = into.size();
    const auto use = [&](const Row& row) {
        auto& claimed = into.emplace_back();
        auto& entry = claimed.entry;
        claimed.claims = 1;
        row.read(claimed.id, Named{entry.connection}, entry.received_at, entry.dedup_key, entry.topic, entry.headers,
                 entry.body);
    };
    CHECK_OK(connection_.shared() ? shared_.fresh(use, limit) : fresh_.each(use, newest_claimed_id_, limit));
    const auto fresh = std::span(into).subspan(first);
    if (fresh.empty()) return {};
    newest_claimed_id_ = fresh.back().id;
    if (connection_.shared()) return shared_.begin_work(fresh, until);
    return begin_work_.run_all(fresh.size(), [&](std::size_t i, auto&& with) { return with(fresh[i].id, until); });
}

Result<std::vector<ClaimedEntry>> InboxTable::claim(std::size_t limit, Timestamp now, Milliseconds lease) {
    CHECK_OK(load_ids());
    std::vector<ClaimedEntry> claimed;
    now = connection_.lease_time(now);
    if (connection_.shared()) {
        TRY(const bool others, shared_.others_work(now));
        if (others) return claimed;
    }
    CHECK_OK(claim_again(claimed, limit, now, now + lease));
    if (claimed.size() < limit) CHECK_OK(claim_fresh(claimed, limit - claimed.size(), now + lease));
    std::ranges::sort(claimed, {}, &ClaimedEntry::id);
    return claimed;
}

Result<void> InboxTable::finish(std::span<const std::int64_t> ids) {
    CHECK_OK(finish_.run_for(ids));
    if (connection_.shared()) return shared_.finish(ids);
    CHECK_OK(finish_work_.run_for(ids));
    return {};
}

Result<void> InboxTable::retry(std::int64_t id, Timestamp at, const std::string& error) {
    at = connection_.lease_time(at);
    CHECK_OK(connection_.shared() ? shared_.retry(id, at, error) : retry_.run(id, at, error));
    return {};
}

Result<Swept> InboxTable::sweep(Timestamp before, std::size_t limit) {
    struct Seen {
        std::int64_t connection = 0;
        std::string key;
        Timestamp received_at;
    };
    std::vector<Seen> seen;
    CHECK_OK(scan_.each(
        [&](const Row& row) {
            auto& one = seen.emplace_back();
            row.read(one.connection, one.key, one.received_at);
        },
        swept_connection_, Blob{swept_key_}, limit));
    Swept swept{.complete = seen.size() < limit};
    std::vector<const Seen*> old;
    for (const auto& one : seen)
        if (one.received_at < before) old.push_back(&one);
    CHECK_OK(forget_.run_all(old.size(),
                             [&](std::size_t i, auto&& with) { return with(old[i]->connection, Blob{old[i]->key}); }));
    swept.removed = old.size();
    swept_connection_ = swept.complete ? 0 : seen.back().connection;
    swept_key_ = swept.complete ? std::string() : seen.back().key;
    return swept;
}

Result<void> InboxTable::reclaim() {
    CHECK_OK(reclaim_.run());
    return {};
}

void InboxTable::rolled_back() {
    tallies_.clear();
    ids_known_ = false;
}

}  // namespace tributary::store
