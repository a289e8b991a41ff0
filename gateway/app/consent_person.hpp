// ConsentPerson: whom a consent operation is about.
#pragma once

#include <span>
#include <vector>

#include "gateway/app/gateway.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

struct ConsentPerson {
    Uid contact, subject;
};

// By what one of the connections calls them (connection, external_id) or by our own customer id (customer).
Result<ConsentPerson> find_person(Gateway& gateway, value::Node arguments);

// The customer that the record belongs to now, with all of its subjects; where there is none (yet), the record's own
// subject and an empty document.
struct WholePerson {
    std::vector<Uid> subjects;
    value::Document golden;
};
Result<WholePerson> whole_person(Gateway& gateway, const ConsentPerson& person);

// All acts of these subjects, in order of arrival, the sealed parts included.
Result<std::vector<consent::ConsentEvent>> events_of(Gateway& gateway, std::span<const Uid> subjects);

}  // namespace tributary::app
