#include "gateway/flow/ledger_keeper.hpp"

#include <algorithm>
#include <map>

#include "gateway/flow/audit_entry.hpp"
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

Result<void> LedgerKeeper::append_news(store::LedgerPosition& position, const std::set<std::string>& written,
                                       std::size_t torn) {
    for (;;) {
        const auto before = position;
        TRY(auto entries, news(position));
        std::erase_if(entries, [&](const LedgerEntry& entry) { return written.contains(name_of_act(entry)); });
        CHECK_OK(append(entries, position, torn));
        torn = 0;
        if (position == before) return {};
    }
}

Result<store::LedgerPosition> LedgerKeeper::stored() {
    store::LedgerPosition position;
    CHECK_OK(store_.read([&](store::ReadSession& session) -> Result<void> {
        TRY(position, session.ledger_position().get(name_));
        return {};
    }));
    return position;
}

// A crash before this commit: reconcile() finds the lines and knows them.
Result<void> LedgerKeeper::put(const store::LedgerPosition& position) {
    known_.reset();
    CHECK_OK(store_.write([&](store::Session& session) { return session.ledger_position().put(name_, position); }));
    known_ = position;
    lines_ = position.lines;
    return {};
}

Result<void> LedgerKeeper::keep() {
    if (!kept()) return {};
    const std::lock_guard lock(mutex_);
    auto done = keep_locked();
    failing_ = !done;
    return done;
}

Result<void> LedgerKeeper::keep_locked() {
    TRY(const auto before, stored());
    // Nobody else moves it: it went back in time with the store.
    if (known_ && before != *known_)
        log_.error("the store is not the one of a moment ago: was it restored under a running gateway?",
                   {{"ledger", path_.string()}, {"lines", before.lines}, {"expected", known_->lines}});
    if (before != known_) {
        CHECK_OK(reconcile());
        return {};
    }
    auto position = before;
    CHECK_OK(append_news(position, {}, 0));
    if (position != before) CHECK_OK(put(position));
    return {};
}

Result<LedgerKeeper::Replayed> LedgerKeeper::open() {
    if (!kept()) return Replayed{};
    const std::lock_guard lock(mutex_);
    return reconcile();
}

Result<LedgerKeeper::Replayed> LedgerKeeper::reconcile() {
    TRY(const auto content, read_ledger(path_, ring_));
    TRY(auto position, stored());
    auto known = static_cast<std::size_t>(position.lines);
    if (!content.has(position.lines, position.mac)) {
        log_.error("the ledger is not the one that was kept: lines are missing; it is written anew from the store",
                   {{"ledger", path_.string()}, {"lines", content.lines.size()}, {"expected", position.lines}});
        position = {};
        known = 0;
    }
    const auto ahead = std::span(content.lines).subspan(known);
    TRY(const auto replayed, replay(ahead));
    // What was replayed is no news, nor what a crash left between ledger and position.
    std::set<std::string> written;
    for (const auto& line : ahead) written.insert(name_of_act(line.entry));
    position.lines = content.lines.size();
    position.mac = content.mac();
    CHECK_OK(append_news(position, written, content.torn));
    CHECK_OK(put(position));
    if (!ahead.empty())
        log_.warn("the ledger was ahead of the store and was replayed", {{"lines", ahead.size()},
                                                                         {"withdrawals", replayed.withdrawals},
                                                                         {"suppressions", replayed.suppressions},
                                                                         {"erasures", replayed.erasures},
                                                                         {"rows_removed", replayed.rows_removed}});
    return replayed;
}

// One transaction: a person is barred, and nothing is left of them.
Result<LedgerKeeper::Replayed> LedgerKeeper::replay(std::span<const LedgerLine> lines) {
    Replayed replayed;
    if (lines.empty()) return replayed;
    CHECK_OK(store_.write([&](store::Session& session) -> Result<void> {
        replayed = {};
        std::map<Uid, store::PersonUids> erased;  // by request
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
                // Whatever the store has of them is from before. One that it knows is the eraser's to end.
                if (fresh && !erasure.readmitted) erased[erasure.request].subjects.push_back(erasure.subject);
            }
        }
        // A lease that a dead gateway left would be in the way for good.
        if (!erased.empty()) CHECK_OK(session.outbox().reap(clock_.now()));
        for (auto& [request, people] : erased) {
            TRY(const auto all, session.person_rows().widen(std::move(people)));
            TRY(const auto removed, session.person_rows().remove(all, request));
            replayed.rows_removed += removed.records + removed.items + removed.dead_letters + removed.customers;
        }
        if (replayed.withdrawals + replayed.erasures == 0) return {};
        const auto entry = audit_entry(clock_, "system", "gateway", "ledger.replay",
                                       {{"withdrawals", std::to_string(replayed.withdrawals)},
                                        {"erasures", std::to_string(replayed.erasures)},
                                        {"rows_removed", std::to_string(replayed.rows_removed)}});
        CHECK_OK(session.audit().append(std::span(&entry, 1)));
        return {};
    }));
    return replayed;
}

}  // namespace tributary::flow
