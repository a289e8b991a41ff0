#include "gateway/flow/consent_gate.hpp"

#include <algorithm>

#include "gateway/consent/event.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/suppression.hpp"

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

}  // namespace

ConsentFacts ConsentFacts::load(World& world, std::span<const Uid> subjects,
                                std::span<const store::ConsentEventRow> pending) {
    ConsentFacts facts;
    std::vector<std::vector<store::ConsentEventRow>> rows;
    auto read = world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(rows, session.consent_events().of(subjects));
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
                                       value::Node record) const {
    consent::Question question;
    question.purpose = delivery.purpose;
    question.channel = delivery.channel;
    question.destination_is_processor = delivery.processor;
    question.contact_point = reached(world, delivery.channel, record);
    question.now = world.clock.now();
    auto status = record.find("status").text();
    if (status == "restricted") question.status = consent::SubjectStatus::restricted;
    if (status == "erased") question.status = consent::SubjectStatus::erased;
    if (status == "deceased") question.status = consent::SubjectStatus::deceased;
    auto suppressed = suppressions_of(world, delivery.channel, record);
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
