#include "gateway/app/consent_person.hpp"

#include <algorithm>

#include "gateway/app/arguments.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/people.hpp"

namespace tributary::app {

Result<ConsentPerson> find_person(Gateway& gateway, value::Node arguments) {
    auto& world = gateway.world();
    TRY(auto customer, uid_argument(arguments, "customer"));
    if (customer) {
        TRY(auto whole, flow::load_customer(world, *customer));
        return ConsentPerson{*customer, whole.subject};  // a customer's uid is that of its first record
    }
    TRY(auto connection, needed_text(arguments, "connection"));
    TRY(auto external_id, needed_text(arguments, "external_id"));
    const auto* known = world.connection(connection);
    if (!known) return fail(Fault::bad_input, "there is no connection of this name", "argument connection");
    std::string stream = "contact";
    for (const auto& [name, one] : known->streams)
        if (one.plan->to() == "contact") stream = name;
    return ConsentPerson{flow::record_uid(world.blind, {connection, stream, external_id}),
                         world.blind.subject_of(connection, "contact", external_id)};
}

Result<WholePerson> whole_person(Gateway& gateway, const ConsentPerson& person) {
    auto& world = gateway.world();
    std::optional<store::Link> link;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto links, session.identity().links_of(std::span(&person.contact, 1)));
        link = links.front();
        return {};
    }));
    WholePerson whole;
    if (link) {
        TRY(auto customer, flow::load_customer(world, link->customer));
        whole.subjects = customer.subjects;
        whole.golden = std::move(customer.golden);
    }
    if (std::ranges::find(whole.subjects, person.subject) == whole.subjects.end())
        whole.subjects.push_back(person.subject);
    return whole;
}

Result<std::vector<consent::ConsentEvent>> events_of(Gateway& gateway, std::span<const Uid> subjects) {
    auto& world = gateway.world();
    std::vector<store::ConsentEventRow> rows;
    CHECK_OK(world.store.read([&](store::ReadSession& session) -> Result<void> {
        TRY(auto lists, session.consent_events().of(subjects));
        for (auto& list : lists) rows.insert(rows.end(), list.begin(), list.end());
        return {};
    }));
    std::ranges::sort(rows, {}, &store::ConsentEventRow::seq);
    std::vector<consent::ConsentEvent> events;
    for (const auto& row : rows) {
        TRY(auto event, flow::read_consent(world, row));
        events.push_back(std::move(event));
    }
    return events;
}

}  // namespace tributary::app
