#include "gateway/flow/consent_gate.hpp"

#include <algorithm>

#include "gateway/consent/event.hpp"
#include "gateway/consent/minor.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/suppression.hpp"
#include "gateway/record/date.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::flow {
namespace {

// The address that a delivery over this channel would reach: the person's first one.
std::optional<consent::ContactPoint> reached(const World& world, consent::Channel channel, value::Node record) {
    using consent::Channel;
    if (channel == Channel::email) {
        if (auto email = record.find("emails").at(0))
            return contact_point(world, "email", email.find("address").text());
    } else if (channel == Channel::sms || channel == Channel::mms || channel == Channel::phone) {
        if (auto phone = record.find("phones").at(0)) return contact_point(world, "phone", phone.find("e164").text());
    }
    return std::nullopt;
}

// ISO 3166 of where the person lives, as the first address says: "US-CA", or the country alone.
std::string jurisdiction_of(value::Node person) {
    auto address = person.find("addresses").at(0);
    std::string out(address.find("country").text());
    auto region = address.find("region").text();
    bool code = !region.empty() && region.size() <= 3 &&
                region.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
    if (region.starts_with(out + "-")) return std::string(region);
    if (!out.empty() && code) out += "-" + std::string(region);
    return out;
}

consent::SubjectStatus status_of(value::Node person) {
    auto named = consent::subject_status_named(person.find("status").text());
    return named.value_or(consent::SubjectStatus::active);
}

void ask_about(value::Node person, consent::Question& question) {
    question.status = status_of(person);
    question.jurisdiction = jurisdiction_of(person);
    if (auto birth = record::parse_partial_date(person.find("birth_date").text()))
        question.minor = consent::is_minor(*birth, question.jurisdiction, question.now);
    question.last_activity = record::parse_timestamp(person.find("last_activity_at").text());
}

}  // namespace

std::unexpected<Error> undecided(const consent::Decision& decision, std::string where) {
    return fail(Fault::transient, "consent cannot be decided: " + std::string(decision.reason), std::move(where));
}

ConsentFacts ConsentFacts::load(World& world, std::span<const Uid> subjects,
                                std::span<const store::ConsentEventRow> pending) {
    ConsentFacts facts;
    std::vector<std::vector<store::ConsentEventRow>> rows;
    auto read = world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.consent_events().of(subjects));
        TRY(const auto marks, session.subject_marks().of(store::MarkKind::restricted, subjects, world.clock.now()));
        for (const auto& mark : marks) facts.restricted_.insert(mark.subject);
        return {};
    });
    facts.readable_ = read.has_value();
    auto take = [&](const store::ConsentEventRow& row) {
        auto event = consent::event_from_json(row.body);
        // One event that cannot be read could be the withdrawal: nothing about this person may go out.
        if (event)
            facts.events_[row.subject].push_back(std::move(*event));
        else
            facts.readable_ = false;
    };
    for (const auto& of_subject : rows)
        for (const auto& row : of_subject) take(row);
    for (const auto& row : pending) take(row);
    return facts;
}

consent::Decision ConsentFacts::decide(World& world, const Delivery& delivery, std::span<const Uid> subjects,
                                       const Asked& asked) const {
    return decide(world, DataUse{delivery.purpose, delivery.channel, delivery.processor, delivery.to}, subjects, asked);
}

consent::Decision ConsentFacts::decide(World& world, const DataUse& use, std::span<const Uid> subjects,
                                       const Asked& asked) const {
    auto person = asked.person ? asked.person : asked.record;
    consent::Question question;
    question.purpose = use.purpose;
    question.channel = use.channel;
    question.destination_is_processor = use.processor;
    question.recipient = use.recipient;
    question.contact_point =
        reached(world, use.channel, asked.record.find("emails") || asked.record.find("phones") ? asked.record : person);
    question.now = world.clock.now();
    question.has_sensitive = asked.has_sensitive;
    ask_about(person, question);
    // At a source, or here by request.
    if (question.status == consent::SubjectStatus::active &&
        std::ranges::any_of(subjects, [&](const Uid& subject) { return restricted_.contains(subject); }))
        question.status = consent::SubjectStatus::restricted;
    auto suppressed = suppressions_of(world, use.channel, asked.record);
    if (suppressed && asked.person) {
        auto more = suppressions_of(world, use.channel, asked.person);
        if (more)
            suppressed->insert(suppressed->end(), more->begin(), more->end());
        else
            suppressed = std::move(more);
    }
    if (suppressed)
        for (const auto& one : *suppressed)
            question.suppressed_at = std::max(one.at, question.suppressed_at.value_or(one.at));
    std::vector<consent::ConsentEvent> events;
    for (const auto& subject : subjects)
        if (auto found = events_.find(subject); found != events_.end())
            events.insert(events.end(), found->second.begin(), found->second.end());
    if (readable_ && suppressed) question.events = events;
    return consent::decide(world.purposes, question);
}

}  // namespace tributary::flow
