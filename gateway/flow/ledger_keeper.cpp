#include "gateway/flow/ledger_keeper.hpp"

#include <algorithm>
#include <set>

#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kBatch = 1000;

// Whatever allows nothing. An act that cannot be read is kept: forgetting it is the worse error.
bool is_negative(const store::ConsentEventRow& event) {
    const auto body = value::parse_json(event.body);
    if (!body) return true;
    const auto state = body->root().find("event_state").text();
    return state != "given" && state != "renewed";
}

// What makes two entries the same act.
std::string name_of_act(const LedgerEntry& entry) {
    if (const auto* event = std::get_if<store::ConsentEventRow>(&entry)) return "c" + event->event.text();
    if (const auto* one = std::get_if<store::Suppression>(&entry))
        return "s" + one->key.text() + std::to_string(one->at.time_since_epoch().count());
    const auto& erasure = std::get<store::Erasure>(entry);
    return "e" + erasure.request.text() + erasure.subject.text() + (erasure.readmitted ? "+" : "-");
}

}  // namespace

// The next rows of each source after the position, which moves on.
Result<std::vector<LedgerEntry>> LedgerKeeper::news(store::LedgerPosition& position) {
    std::vector<LedgerEntry> entries;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto events, session.consent_events().list(position.consent_seq, kBatch));
        for (auto& event : events) {
            position.consent_seq = event.seq;
            if (is_negative(event)) entries.emplace_back(std::move(event));
        }
        TRY(auto acts, session.suppressions().acts(position.suppression_seq, kBatch));
        for (auto& act : acts) {
            position.suppression_seq = act.seq;
            entries.emplace_back(store::Suppression(std::move(act)));
        }
        TRY(auto erasures, session.erasures().after(position.erasure_seq, kBatch));
        for (auto& erasure : erasures) {
            position.erasure_seq = erasure.seq;
            entries.emplace_back(std::move(erasure));
        }
        return {};
    }));
    return entries;
}

Result<void> LedgerKeeper::append(std::span<const LedgerEntry> entries, store::LedgerPosition& position,
                                  std::size_t torn) {
    std::string lines, text;
    for (const auto& entry : entries) {
        position.mac = ledger_line(entry, position.mac, ring_, text).mac;
        ++position.lines;
        lines += text + "\n";
    }
    if (lines.empty() && torn == 0) return {};
    return append_ledger(path_, lines, torn);
}

Result<void> LedgerKeeper::keep() {
    if (!kept()) return {};
    const std::lock_guard lock(mutex_);
    auto done = keep_locked();
    failing_ = !done;
    return done;
}

Result<void> LedgerKeeper::keep_locked() {
    for (;;) {
        store::LedgerPosition position;
        CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
            TRY(position, session.ledger_position().get());
            return {};
        }));
        const auto before = position;
        TRY(const auto entries, news(position));
        if (position == before) return {};
        CHECK_OK(append(entries, position, 0));
        lines_ = position.lines;
        // A crash before this commit: open() finds the lines and knows them.
        CHECK_OK(store_.write([&](store::Session& session) { return session.ledger_position().put(position); }));
    }
}

Result<LedgerKeeper::Replayed> LedgerKeeper::open() {
    if (!kept()) return Replayed{};
    const std::lock_guard lock(mutex_);
    TRY(const auto content, read_ledger(path_, ring_));
    store::LedgerPosition position;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(position, session.ledger_position().get());
        return {};
    }));
    auto known = static_cast<std::size_t>(position.lines);
    if (!content.has(position.lines, position.mac)) {
        log_.error("the ledger is not the one that was kept: lines are missing; it is written anew from the store",
                   {{"ledger", path_.string()}, {"lines", content.lines.size()}, {"expected", position.lines}});
        position = {};
        known = 0;
    }
    // What a crash left between ledger and position is in both.
    std::set<std::string> written;
    const auto ahead = std::span(content.lines).subspan(known);
    for (const auto& line : ahead) written.insert(name_of_act(line.entry));
    position.lines = content.lines.size();
    position.mac = content.mac();
    auto torn = content.torn;
    for (;;) {
        const auto before = position;
        TRY(auto entries, news(position));
        std::erase_if(entries, [&](const LedgerEntry& entry) { return written.contains(name_of_act(entry)); });
        CHECK_OK(append(entries, position, torn));
        torn = 0;
        if (position == before) break;
    }
    TRY(const auto replayed, replay(ahead, position));
    lines_ = position.lines;
    if (!ahead.empty())
        log_.warn("the ledger was ahead of the store and was replayed", {{"lines", ahead.size()},
                                                                         {"withdrawals", replayed.withdrawals},
                                                                         {"suppressions", replayed.suppressions},
                                                                         {"erasures", replayed.erasures}});
    return replayed;
}

// In one transaction with the position, so that a crash in between replays all again.
Result<LedgerKeeper::Replayed> LedgerKeeper::replay(std::span<const LedgerLine> lines, store::LedgerPosition position) {
    Replayed replayed;
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        replayed = {};
        for (const auto& line : lines) {
            if (const auto* event = std::get_if<store::ConsentEventRow>(&line.entry)) {
                TRY(const auto fresh, session.consent_events().put(std::span(event, 1)));
                replayed.withdrawals += fresh;
            } else if (const auto* one = std::get_if<store::Suppression>(&line.entry)) {
                CHECK_OK(session.suppressions().put(std::span(one, 1)));
                ++replayed.suppressions;
            } else {
                const auto& erasure = std::get<store::Erasure>(line.entry);
                TRY(const auto fresh, session.erasures().add(std::span(&erasure, 1)));
                replayed.erasures += fresh;
                // Whatever is there of the person was sealed before the erasure.
                if (fresh && !erasure.readmitted) CHECK_OK(session.keys().destroy(std::span(&erasure.subject, 1)));
            }
        }
        // What was replayed came from the ledger.
        TRY(auto after, session.ledger_position().get());
        after = position;
        for (;;) {
            TRY(const auto events, session.consent_events().list(after.consent_seq, kBatch));
            if (events.empty()) break;
            after.consent_seq = events.back().seq;
        }
        for (;;) {
            TRY(const auto acts, session.suppressions().acts(after.suppression_seq, kBatch));
            if (acts.empty()) break;
            after.suppression_seq = acts.back().seq;
        }
        for (;;) {
            TRY(const auto erasures, session.erasures().after(after.erasure_seq, kBatch));
            if (erasures.empty()) break;
            after.erasure_seq = erasures.back().seq;
        }
        return session.ledger_position().put(after);
    }));
    return replayed;
}

}  // namespace tributary::flow
