#include "gateway/consent/decision.hpp"

#include <algorithm>
#include <array>

#include "gateway/consent/ledger.hpp"

namespace tributary::consent {
namespace {

// What every row looks at. From row 2 on `purpose` is set.
struct Facts {
    const Question& question;
    const Purpose* purpose;
    Basis basis;
    Scope asked;
    GrantNeeds needs;
    Ledger ledger;
};

struct Outcome {
    Verdict verdict;
    std::string_view reason;
};
using Answer = std::optional<Outcome>;

Answer deny_if(bool condition, std::string_view reason) {
    return condition ? Answer({Verdict::deny, reason}) : std::nullopt;
}
Answer allow_if(bool condition, std::string_view reason) {
    return condition ? Answer({Verdict::allow, reason}) : std::nullopt;
}

Answer unavailable(const Facts& facts) {
    bool known = facts.question.events && facts.purpose && facts.purpose->takes(facts.question.channel);
    return known ? std::nullopt : Answer({Verdict::hold, "C-UNAVAIL"});
}

Answer subject_gone(const Facts& facts) {
    switch (facts.question.status) {
        case SubjectStatus::active:
            return std::nullopt;
        case SubjectStatus::in_erasure:
        case SubjectStatus::erased:
            return Outcome{Verdict::deny, "C-ERASED"};
        case SubjectStatus::deceased:
            return Outcome{Verdict::deny, "C-RESTRICTED"};
        case SubjectStatus::restricted:
            return deny_if(!facts.purpose->allowed_when_restricted, "C-RESTRICTED");
    }
    return Outcome{Verdict::hold, "C-UNAVAIL"};
}

// Whoever says yes again, for exactly this and with proof, is taken at their later word.
bool lifts_suppression(const ConsentEvent& grant, const Facts& facts) {
    bool confirmed = !facts.purpose->needs_doi || grant.doi.confirmed_at;
    return grant.by_subject() && grant.has_proof() && confirmed &&
           grant.event_time > *facts.question.suppressed_at + kSimultaneous;
}

Answer suppressed(const Facts& facts) {
    if (!facts.question.suppressed_at || !facts.purpose->direct_marketing) return std::nullopt;
    bool lifted = std::ranges::any_of(facts.ledger.grants,
                                      [&](const ConsentEvent* grant) { return lifts_suppression(*grant, facts); });
    return deny_if(!lifted, "C-SUPPRESS");
}

Answer objected(const Facts& facts) {
    const auto& purpose = *facts.purpose;
    if (!purpose.direct_marketing && !purpose.profiling && !purpose.third_party) return std::nullopt;
    return deny_if(std::ranges::any_of(
                       facts.ledger.denials,
                       [](const ConsentEvent* denial) {
                           bool act = denial->state == State::refused || denial->state == State::withdrawn;
                           return act && denial->by_subject() && (denial->is_signal() || denial->reason == kObjection);
                       }),
                   "C-OBJECT");
}

Answer sensitive(const Facts& facts) {
    return deny_if(facts.needs.any() && facts.ledger.grants.empty(), "C-SENSITIVE");
}

Answer lawful(const Facts& facts) {
    bool by_law = facts.basis == Basis::contract || facts.basis == Basis::legal_obligation ||
                  facts.basis == Basis::vital_interest;
    return allow_if(by_law && facts.question.destination_is_processor, "C-BASIS");
}

Answer legitimate(const Facts& facts) {
    return allow_if(
        facts.basis == Basis::legitimate_interest && facts.purpose->assessment && facts.ledger.denials.empty(), "C-LI");
}

Answer withdrawn(const Facts& facts) {
    return deny_if(std::ranges::any_of(facts.ledger.denials,
                                       [&](const ConsentEvent* denial) {
                                           return denial->state != State::expired &&
                                                  same(Scope::of(*denial), facts.asked);
                                       }),
                   "C-WITHDRAWN");
}

Answer pending(const Facts& facts) {
    bool unconfirmed = std::ranges::any_of(facts.ledger.grants, [&](const ConsentEvent* grant) {
        return facts.purpose->needs_doi && !grant->doi.confirmed_at && (grant->by_subject() || grant->has_proof());
    });
    return deny_if(facts.ledger.pending || unconfirmed, "C-PENDING");
}

bool has_expired(const ConsentEvent& grant, const Facts& facts) {
    const auto& purpose = *facts.purpose;
    if (grant.valid_until && *grant.valid_until < facts.question.now) return true;
    auto active = std::max(grant.event_time, facts.question.last_activity.value_or(Timestamp::min()));
    if (purpose.expiry && facts.question.now - active > *purpose.expiry) return true;
    return std::ranges::find(purpose.superseded_notices, grant.notice.version) != purpose.superseded_notices.end();
}

Answer expired(const Facts& facts) {
    bool said = std::ranges::any_of(facts.ledger.denials,
                                    [](const ConsentEvent* denial) { return denial->state == State::expired; });
    bool over =
        std::ranges::any_of(facts.ledger.grants, [&](const ConsentEvent* grant) { return has_expired(*grant, facts); });
    return deny_if(said || over, "C-EXPIRED");
}

Answer denied_above(const Facts& facts) {
    return deny_if(!facts.ledger.denials.empty(), "C-BROADER");
}

Answer given(const Facts& facts) {
    const auto& grants = facts.ledger.grants;
    return allow_if(!grants.empty() && std::ranges::all_of(grants, &ConsentEvent::has_proof), "C-GIVEN");
}

Answer unproven(const Facts& facts) {
    if (facts.ledger.grants.empty()) return std::nullopt;
    bool fine = facts.purpose->accepts_import && !facts.purpose->direct_marketing;
    return Outcome{fine ? Verdict::allow : Verdict::deny, "C-NOPROOF"};
}

Answer unknown(const Facts& facts) {
    bool fine = facts.purpose->allow_when_unknown && !needs_consent(facts.basis);
    return Outcome{fine ? Verdict::allow : Verdict::deny, "C-UNKNOWN"};
}

struct Row {
    int number;
    std::string_view reason, condition;
    Answer (*ask)(const Facts&);
};

// The first row that answers decides; the last one always does.
constexpr std::array kTable{
    Row{1, "C-UNAVAIL", "events unreadable, purpose unknown or not for this channel", unavailable},
    Row{2, "C-ERASED or C-RESTRICTED", "subject erased, deceased or restricted", subject_gone},
    Row{3, "C-SUPPRESS", "contact point suppressed, for direct marketing, and the subject did not say yes since",
        suppressed},
    Row{4, "C-OBJECT", "objected to marketing, profiling or sharing", objected},
    Row{5, "C-SENSITIVE", "sensitive data or a minor, without the explicit, separate or guardian's consent", sensitive},
    Row{6, "C-BASIS", "contract, legal obligation or vital interest, at a processor", lawful},
    Row{7, "C-LI", "legitimate interest with an assessment and no objection", legitimate},
    Row{8, "C-WITHDRAWN", "withdrawn, refused, revoked or invalidated for exactly this", withdrawn},
    Row{9, "C-PENDING", "asked and not answered, or the double opt-in is not confirmed", pending},
    Row{10, "C-EXPIRED", "given, and over since or under a superseded notice", expired},
    Row{11, "C-BROADER", "denied for something that this is part of, or that is part of this", denied_above},
    Row{12, "C-GIVEN", "given with proof", given},
    Row{13, "C-NOPROOF", "given without proof; allowed where the purpose accepts imports", unproven},
    Row{14, "C-UNKNOWN", "nothing is known; allowed where the purpose says so and rests on no consent", unknown},
};

// A purpose with one channel is asked for that channel.
Channel asked_channel(const Purpose* purpose, Channel channel) {
    bool single = purpose && purpose->channels.size() == 1 && channel == Channel::any;
    return single ? purpose->channels.front() : channel;
}

GrantNeeds needs_of(const Question& question, const Purpose& purpose, Basis basis) {
    return {.explicit_act =
                (question.has_sensitive && purpose.sensitive_requires_explicit) || basis == Basis::explicit_consent,
            .separate = basis == Basis::pipl_separate_consent,
            // As with sensitive data, what a purpose needs of them for a contract or the law goes on.
            .guardian = question.minor && (purpose.sensitive_requires_explicit || needs_consent(basis)),
            .recipient = question.destination_is_processor ? std::string_view() : question.recipient};
}

Facts gather(const PurposeRegistry& purposes, const Question& question) {
    const auto* purpose = purposes.find(question.purpose);
    Facts facts{.question = question,
                .purpose = purpose,
                .basis = purpose ? purpose->basis(question.jurisdiction) : Basis::consent,
                .asked = {question.purpose, asked_channel(purpose, question.channel),
                          question.contact_point ? &*question.contact_point : nullptr, question.brand},
                .needs = {},
                .ledger = {}};
    if (!purpose || !question.events) return facts;
    facts.needs = needs_of(question, *purpose, facts.basis);
    facts.ledger = reduce(*question.events, facts.asked, facts.needs, question.now);
    return facts;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::allow:
            return "allow";
        case Verdict::deny:
            return "deny";
        case Verdict::hold:
            return "hold";
    }
    return "hold";
}

Decision decide(const PurposeRegistry& purposes, const Question& question) {
    auto facts = gather(purposes, question);
    Decision decision{.reason = "C-UNAVAIL", .version = version_of(facts.ledger), .future_events = facts.ledger.future};
    for (const auto& row : kTable) {
        auto outcome = row.ask(facts);
        if (!outcome) continue;
        decision.verdict = outcome->verdict;
        decision.reason = outcome->reason;
        decision.row = row.number;
        break;
    }
    return decision;
}

std::vector<RowDescription> decision_table() {
    std::vector<RowDescription> rows;
    for (const auto& row : kTable) rows.push_back({row.number, row.reason, row.condition});
    return rows;
}

}  // namespace tributary::consent
