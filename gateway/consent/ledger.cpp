#include "gateway/consent/ledger.hpp"

#include <algorithm>
#include <set>

#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::consent {
namespace {

using Events = std::vector<const ConsentEvent*>;

bool is_denial(const ConsentEvent& event) {
    switch (event.state) {
        case State::refused:
        case State::withdrawn:
        case State::revoked:
        case State::invalidated:
        case State::expired:
            return true;
        default:
            return false;
    }
}

bool is_pending(const ConsentEvent& event) {
    return event.state == State::requested || event.state == State::pending_doi;
}

// A grant whose sender's clock cannot be believed would move itself behind a later withdrawal.
bool is_believable(const ConsentEvent& grant) {
    return grant.event_time <=
           grant.received_at + kSimultaneous + Milliseconds{std::max<std::int64_t>(0, grant.clock_skew_ms)};
}

// A denial that was not of the future when it came holds, also when the clock was set back behind it since.
bool is_due(const ConsentEvent& event, Timestamp now) {
    return event.event_time <= (is_denial(event) ? std::max(now, event.received_at) : now) &&
           !(event.is_grant() && event.valid_from && *event.valid_from > now);
}

bool lifts(const ConsentEvent& grant, const ConsentEvent& denial, const Scope& asked) {
    auto given = Scope::of(grant), denied = Scope::of(denial);
    return grant.is_grant() && grant.by_subject() && is_believable(grant) &&
           is_same_or_ancestor(denied.purpose, given.purpose) && is_same_or_ancestor(given.purpose, asked.purpose) &&
           covers(denied, given) && covers(given, meet(denied, asked)) &&
           grant.event_time > denial.event_time + kSimultaneous;
}

Timestamp newest(const Events& events) {
    auto time = Timestamp::min();
    for (const auto* event : events) time = std::max(time, event->event_time);
    return time;
}

// The subject's own grants outrank all others; of these the newest, and what is too near to be told from it.
Events pick_grants(const Events& considered, const Scope& asked, const GrantNeeds& needs) {
    Events own, others;
    for (const auto* event : considered)
        if (event->is_grant() && event->purpose == asked.purpose && covers(Scope::of(*event), asked) &&
            is_believable(*event) && needs.met_by(*event))
            (event->by_subject() ? own : others).push_back(event);
    auto& grants = own.empty() ? others : own;
    auto last = newest(grants);
    std::erase_if(grants, [last](const ConsentEvent* grant) { return grant->event_time + kSimultaneous < last; });
    return grants;
}

}  // namespace

bool GrantNeeds::met_by(const ConsentEvent& grant) const {
    bool is_separate = grant.lawful_basis == Basis::pipl_separate_consent;
    bool is_explicit =
        is_separate || grant.lawful_basis == Basis::explicit_consent || grant.type == EventType::explicit_act;
    bool is_for_them = recipient.empty() || grant.recipients.empty() ||
                       std::ranges::find(grant.recipients, recipient) != grant.recipients.end();
    return (!separate || is_separate) && (!explicit_act || is_explicit) &&
           (!guardian || grant.origin == Origin::guardian) && is_for_them;
}

Ledger reduce(std::span<const ConsentEvent> events, const Scope& asked, const GrantNeeds& needs, Timestamp now) {
    Ledger ledger;
    for (const auto& event : events) {
        if (!is_same_or_ancestor(event.purpose, asked.purpose) || !overlap(Scope::of(event), asked)) continue;
        if (is_due(event, now))
            ledger.considered.push_back(&event);
        else
            ++ledger.future;
    }
    const auto& considered = ledger.considered;
    for (const auto* denial : considered)
        if (is_denial(*denial) &&
            std::ranges::none_of(considered, [&](const ConsentEvent* grant) { return lifts(*grant, *denial, asked); }))
            ledger.denials.push_back(denial);

    ledger.grants = pick_grants(considered, asked, needs);
    bool own = !ledger.grants.empty() && ledger.grants.front()->by_subject();
    auto granted_at = newest(ledger.grants);
    for (const auto* event : considered) {
        if (event->purpose != asked.purpose || !covers(Scope::of(*event), asked)) continue;
        if (is_pending(*event)) ledger.pending = ledger.pending || !own || event->event_time >= granted_at;
        // The newest word is that nothing is known.
        if (event->state == State::unknown && event->event_time >= granted_at) ledger.grants.clear();
    }
    return ledger;
}

std::string version_of(const Ledger& ledger) {
    std::set<std::string> marks;
    for (const auto* event : ledger.considered) {
        std::string mark(event->id.view());
        mark += static_cast<char>(event->state);
        mark += std::to_string(event->event_time.time_since_epoch().count());
        marks.insert(std::move(mark));
    }
    std::string all;
    for (const auto& mark : marks) all += mark + '\n';
    return to_hex(crypto::sha256(all).view());
}

}  // namespace tributary::consent
