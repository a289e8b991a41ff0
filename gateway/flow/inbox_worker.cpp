#include "gateway/flow/inbox_worker.hpp"

#include <algorithm>
#include <set>

#include "gateway/crypto/digest.hpp"
#include "gateway/flow/browser_signal.hpp"
#include "gateway/flow/inbox_seal.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::flow {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRound = 500;
// A round is milliseconds. A thin webhook's re-fetch may take longer: where several processes share the store, another
// one then does it again, and the one that finishes first counts.
constexpr Milliseconds kLease = 20s;
constexpr Milliseconds kInboxPoll = 20ms;  // between looks at wake()
constexpr Milliseconds kInboxIdle = 1s;    // the poll that is the truth when a wake-up was lost
constexpr Milliseconds kRetry = 10s, kLongestRetry = 10min;
// Entries of claimers that died are suspects after the third death and then taken one at a time, so that those beside a
// poisonous one bear no blame for long. A kill may hit anything: only the tenth death in a row makes an entry
// poisonous.
constexpr std::uint32_t kSuspect = 3, kPoison = 10;

// As long as it has waited already: twice as long each time.
Milliseconds pause_of(Milliseconds age) {
    return std::clamp(age, kRetry, kLongestRetry);
}

// What asking again will not mend.
bool final(const Error& error) {
    return error.fault == Fault::bad_input || error.fault == Fault::refused;
}

bool after_deaths(const store::ClaimedEntry& entry, std::uint32_t claims) {
    return entry.claims >= claims && entry.last_error.empty();
}

}  // namespace

run::Task<> InboxWorker::run(std::stop_token stop) {
    auto idle_since = world_.timers.clock().steady();
    while (!stop.stop_requested()) {
        bool due = world_.timers.clock().steady() - idle_since >= kInboxIdle;
        if (work_.exchange(false) || due) {
            auto taken = co_await round();
            if (!taken) world_.log.error("inbox round", taken.error());
            if (taken && *taken > 0) {
                work_.store(true);
                continue;
            }
            idle_since = world_.timers.clock().steady();
        }
        co_await world_.timers.sleep_for(kInboxPoll, stop);
    }
}

run::Task<Result<std::size_t>> InboxWorker::round() {
    if (!owed_.empty()) CO_CHECK_OK(co_await run::on(world_.pool, [this] { return settle(); }));
    std::vector<store::ClaimedEntry> entries;
    auto claimed = co_await run::on(world_.pool, [this, &entries] {
        return world_.store.write([&](store::Session& session) -> Result<void> {
            TRY(entries, session.inbox().claim(careful_ ? 1 : kRound, world_.clock.now(), kLease));
            return {};
        });
    });
    if (!claimed) co_return pass(std::move(claimed));
    std::size_t total = entries.size();
    careful_ = std::ranges::any_of(entries, [](const auto& entry) { return after_deaths(entry, kSuspect); });
    // Runs of one connection keep the order of acceptance within it.
    std::map<std::string, std::vector<store::ClaimedEntry>> by_connection;
    for (auto& entry : entries) by_connection[entry.entry.connection].push_back(std::move(entry));
    for (auto& [name, some] : by_connection) {
        const auto* connection = world_.connection(name);
        if (!connection || !connection->connector->hook()) {
            Error error{Fault::bad_config, "no connection of this name takes webhooks any more", "connection " + name};
            world_.log.error("inbox entry without a connection", error);
            co_await postpone(some, error);
            continue;
        }
        co_await take_in(*connection, std::move(some));
    }
    co_return total;
}

Result<std::vector<connector::InboundEvent>> InboxWorker::decode(const Connection& connection,
                                                                 const store::ClaimedEntry& entry, std::string& body) {
    TRY(body, open_inbox(world_.ring, connection.name, entry.entry.body));
    if (after_deaths(entry, kPoison))
        return fail(Fault::internal,
                    "the gateway died " + std::to_string(entry.claims - 1) + " times while it worked on this webhook");
    return connection.connector->hook()->decode(entry.entry.topic, body);
}

void InboxWorker::quarantine(Batch& batch, const store::ClaimedEntry& entry, const std::string& body,
                             const Error& error) {
    store::NewDeadLetter letter;
    letter.stage = "decode";
    letter.fault = error.fault;
    letter.cause = error.text();
    letter.connection = batch.connection;
    letter.stream = "topic:" + entry.entry.topic;
    letter.record_key = "inbox " + std::to_string(entry.id);
    letter.subject = world_.blind.subject_of(batch.connection, "webhook", letter.record_key);
    letter.operation = "webhook";
    letter.op_key = entry.entry.dedup_key;
    letter.clear = body;
    letter.first_failed_at = letter.last_failed_at = world_.clock.now();
    letter.attempts = 1;
    batch.broken.push_back(std::move(letter));
}

// The record that a thin webhook is about, as it is now; a tombstone when it is gone.
run::Task<Result<connector::SourceRecord>> InboxWorker::fetched(const Connection& connection,
                                                                const connector::InboundEvent& event) {
    auto* source = connection.connector->source();
    if (!source) co_return fail(Fault::bad_config, "a thin webhook needs a source to fetch from");
    auto record = co_await source->fetch(event.stream, event.record.external_id);
    if (record || record.error().fault != Fault::not_found) co_return record;
    auto gone = event.record;
    gone.deleted = true;
    co_return gone;
}

run::Task<> InboxWorker::take_in(const Connection& connection, std::vector<store::ClaimedEntry> entries) {
    Batch batch;
    batch.connection = connection.name;
    // Everything in this round was accepted before the first fetch: what was fetched once is new enough for every thin
    // webhook about the same record, so a burst of them costs one call.
    using RecordKey = std::pair<std::string, std::string>;  // stream, external id
    std::set<RecordKey> fresh;
    std::set<std::string> news;
    for (const auto& entry : entries) {
        std::string body;
        auto events = decode(connection, entry, body);
        if (!events && events.error().fault == Fault::conflict) {  // it may have been sealed anew since it was claimed
            co_await postpone({entry}, events.error());
            continue;
        }
        if (!events) {
            quarantine(batch, entry, body, events.error());
            batch.inbox.push_back(entry.id);
            continue;
        }
        std::optional<Error> unreachable, unmapped;
        std::vector<Intake> intakes;
        std::vector<RecordKey> fetched_here;
        for (auto& event : *events) {
            if (!connection.streams.contains(event.stream)) {
                unmapped = Error{Fault::bad_config,
                                 "topic " + event.topic + " belongs to stream " + event.stream +
                                     ", which has no mapping in this connection",
                                 {}};
                continue;
            }
            if (event.news) {
                news.insert(event.stream);
                continue;
            }
            const RecordKey key{event.stream, event.record.external_id};
            if (event.thin && !event.record.deleted) {
                if (!fresh.insert(key).second) continue;
                fetched_here.push_back(key);
                auto record = co_await fetched(connection, event);
                if (!record) {
                    unreachable = std::move(record).error();
                    break;
                }
                event.record = *std::move(record);
            } else {
                fresh.erase(key);  // it says something of its own: what comes after it is asked for again
            }
            // What was fetched is as new as the fetch.
            auto told_at = event.thin ? std::nullopt : std::optional(entry.entry.received_at);
            intakes.push_back({event.stream, std::move(event.record), told_at, says_gpc(entry.entry.headers)});
        }
        if (unreachable) {
            // What it fetched is dropped with it.
            for (const auto& key : fetched_here) fresh.erase(key);
            if (final(*unreachable)) {
                quarantine(batch, entry, body, *unreachable);
                batch.inbox.push_back(entry.id);
            } else {
                co_await postpone({entry}, *unreachable);
            }
            continue;
        }
        // The whole body is kept: what of it has a mapping is taken in now, and taken up again it changes nothing.
        if (unmapped) quarantine(batch, entry, body, *unmapped);
        batch.inbox.push_back(entry.id);
        for (auto& intake : intakes) batch.records.push_back(std::move(intake));
    }
    if (batch.inbox.empty()) co_return;
    auto done = co_await run::on(world_.pool, [this, &batch] { return process_.process(batch); });
    if (!done) {
        world_.log.error("webhooks not processed", done.error(),
                         {{"connection", connection.name}, {"entries", batch.inbox.size()}});
        co_await postpone(std::move(entries), done.error());
        co_return;
    }
    for (const auto& stream : news)
        if (on_news) on_news(connection.name, stream);
}

run::Task<> InboxWorker::postpone(std::vector<store::ClaimedEntry> entries, Error error) {
    const auto now = world_.clock.now();
    for (const auto& entry : entries) {
        const auto age = std::chrono::duration_cast<Milliseconds>(now - entry.entry.received_at);
        const auto at = now + error.retry_after.value_or(pause_of(age));
        owed_.push_back({entry.id, at, error.text()});
    }
    const auto settled = co_await run::on(world_.pool, [this] { return settle(); });
    if (!settled) world_.log.error("webhooks wait for the store", settled.error());
}

Result<void> InboxWorker::settle() {
    CHECK_OK(world_.store.write([&](store::Session& session) -> Result<void> {
        for (const auto& one : owed_) CHECK_OK(session.inbox().retry(one.id, one.at, one.error));
        return {};
    }));
    owed_.clear();
    return {};
}

}  // namespace tributary::flow
