#include "gateway/store/sql/consent_tables.hpp"

#include "gateway/store/sql/names.hpp"

namespace tributary::store {
namespace {

constexpr const char* kEventsOf =
    "SELECT seq, event, subject, purpose, event_at, received_at, body, sealed FROM consent_event WHERE subject = ?1 "
    "ORDER BY seq";
constexpr const char* kNewestEvent = "SELECT coalesce(max(seq), 0) FROM consent_event";
constexpr const char* kListEvents =
    "SELECT seq, event, subject, purpose, event_at, received_at, body, sealed FROM consent_event WHERE seq > ?1 ORDER "
    "BY seq "
    "LIMIT ?2";
constexpr const char* kPutEvent =
    "INSERT INTO consent_event (event, subject, purpose, event_at, received_at, body, sealed) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event) DO NOTHING";

constexpr const char* kRemoveEvents = "DELETE FROM consent_event WHERE subject = ?1";

constexpr const char* kFindSuppression = "SELECT key, reason, at FROM suppression WHERE key = ?1";
constexpr const char* kPutSuppression =
    "INSERT INTO suppression (key, reason, at) VALUES (?1, ?2, ?3)"
    " ON CONFLICT(key) DO UPDATE SET reason = excluded.reason, at = excluded.at WHERE excluded.at > suppression.at";
constexpr const char* kPutSuppressionAct = "INSERT INTO suppression_act (key, reason, at) VALUES (?1, ?2, ?3)";
constexpr const char* kSuppressionActs =
    "SELECT seq, key, reason, at FROM suppression_act WHERE seq > ?1 ORDER BY seq LIMIT ?2";
constexpr const char* kRemoveSuppression = "DELETE FROM suppression WHERE key = ?1";

constexpr const char* kDisclosuresOf =
    "SELECT subject, purpose, destination, external_id, fields, first_sent_at, last_sent_at FROM disclosure WHERE "
    "subject = ?1 "
    "ORDER BY destination, purpose, external_id";
constexpr const char* kPutDisclosure =
    "INSERT INTO disclosure (subject, purpose, destination, external_id, fields, first_sent_at, last_sent_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (subject, purpose, destination, external_id) DO "
    "UPDATE SET fields = excluded.fields, last_sent_at = excluded.last_sent_at";

ConsentEventRow read_event(const Row& row) {
    ConsentEventRow event;
    row.read(event.seq, event.event, event.subject, Named{event.purpose}, event.event_at, event.received_at, event.body,
             event.sealed);
    return event;
}

}  // namespace

ConsentEventsReads::ConsentEventsReads(Connection& connection)
    : connection_(connection),
      of_(connection, kEventsOf),
      newest_(connection, kNewestEvent),
      list_(connection, kListEvents) {}

Result<std::int64_t> ConsentEventsReads::newest() {
    std::int64_t seq = 0;
    CHECK_OK(newest_.first([&](const Row& row) { row.read(seq); }));
    return seq;
}

Result<std::vector<std::vector<ConsentEventRow>>> ConsentEventsReads::of(std::span<const Uid> subjects) {
    std::vector<std::vector<ConsentEventRow>> events(subjects.size());
    CHECK_OK(of_.each_for(subjects, [&](std::size_t i, const Row& row) { events[i].push_back(read_event(row)); }));
    return events;
}

Result<std::vector<ConsentEventRow>> ConsentEventsReads::list(std::int64_t after, std::size_t limit) {
    std::vector<ConsentEventRow> events;
    CHECK_OK(list_.each([&](const Row& row) { events.push_back(read_event(row)); }, after, limit));
    return events;
}

ConsentEventsTable::ConsentEventsTable(Connection& connection)
    : ConsentEventsReads(connection), put_(connection, kPutEvent), remove_(connection, kRemoveEvents) {}

Result<std::uint64_t> ConsentEventsTable::put(std::span<const ConsentEventRow> events) {
    std::uint64_t fresh = 0;
    CHECK_OK(put_.run_all(
        events.size(),
        [&](std::size_t i, auto&& with) -> Result<void> {
            const auto& event = events[i];
            TRY(const auto purpose, connection_.names().id(event.purpose));
            return with(event.event, event.subject, purpose, event.event_at, event.received_at, event.body,
                        Blob{event.sealed});
        },
        [&](std::size_t, std::int64_t added) { fresh += static_cast<std::uint64_t>(added); }));
    return fresh;
}

Result<std::uint64_t> ConsentEventsTable::remove(std::span<const Uid> subjects) {
    TRY(const auto removed, remove_.run_for(subjects));
    return static_cast<std::uint64_t>(removed);
}

SuppressionsReads::SuppressionsReads(Connection& connection)
    : find_(connection, kFindSuppression), acts_(connection, kSuppressionActs) {}

Result<std::vector<SuppressionAct>> SuppressionsReads::acts(std::int64_t after, std::size_t limit) {
    std::vector<SuppressionAct> acts;
    CHECK_OK(acts_.each(
        [&](const Row& row) {
            auto& one = acts.emplace_back();
            row.read(one.seq, one.key, one.reason, one.at);
        },
        after, limit));
    return acts;
}

Result<std::vector<std::optional<Suppression>>> SuppressionsReads::find(std::span<const Digest> keys) {
    std::vector<std::optional<Suppression>> found(keys.size());
    CHECK_OK(find_.each_for(keys, [&](std::size_t i, const Row& row) {
        auto& one = found[i].emplace();
        row.read(one.key, one.reason, one.at);
    }));
    return found;
}

SuppressionsTable::SuppressionsTable(Connection& connection)
    : SuppressionsReads(connection),
      put_(connection, kPutSuppression),
      put_act_(connection, kPutSuppressionAct),
      remove_(connection, kRemoveSuppression) {}

Result<void> SuppressionsTable::put(std::span<const Suppression> suppressions) {
    std::vector<const Suppression*> acts;
    CHECK_OK(put_.run_all(
        suppressions.size(),
        [&](std::size_t i, auto&& with) {
            return with(suppressions[i].key, suppressions[i].reason, suppressions[i].at);
        },
        [&](std::size_t i, std::int64_t changed) {
            if (changed > 0) acts.push_back(&suppressions[i]);
        }));
    return put_act_.run_all(
        acts.size(), [&](std::size_t i, auto&& with) { return with(acts[i]->key, acts[i]->reason, acts[i]->at); });
}

Result<void> SuppressionsTable::remove(std::span<const Digest> keys) {
    CHECK_OK(remove_.run_for(keys));
    return {};
}

DisclosuresReads::DisclosuresReads(Connection& connection) : connection_(connection), of_(connection, kDisclosuresOf) {}

Result<std::vector<Disclosure>> DisclosuresReads::of(Uid subject) {
    std::vector<Disclosure> found;
    CHECK_OK(of_.each(
        [&](const Row& row) {
            auto& one = found.emplace_back();
            row.read(one.subject, Named{one.purpose}, Named{one.destination}, one.external_id, one.fields,
                     one.first_sent_at, one.last_sent_at);
        },
        subject));
    return found;
}

DisclosuresTable::DisclosuresTable(Connection& connection)
    : DisclosuresReads(connection), put_(connection, kPutDisclosure) {}

Result<void> DisclosuresTable::put(std::span<const Disclosure> disclosures) {
    return put_.run_all(disclosures.size(), [&](std::size_t i, auto&& with) -> Result<void> {
        const auto& one = disclosures[i];
        TRY(const auto purpose, connection_.names().id(one.purpose));
        TRY(const auto destination, connection_.names().id(one.destination));
        return with(one.subject, purpose, destination, one.external_id, one.fields, one.first_sent_at,
                    one.last_sent_at);
    });
}

}  // namespace tributary::store
