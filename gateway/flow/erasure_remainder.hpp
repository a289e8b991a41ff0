// Remainder: what the law wants kept of a person's orders: figures, dates and goods, under a random token in the place
// of record and person.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/person_rows.hpp"
#include "gateway/store/remainders.hpp"
#include "gateway/store/session.hpp"
#include "gateway/value/document.hpp"

namespace tributary::flow {

struct RemainderRule {
    std::string entity;
    Milliseconds keep{};              // from its date on
    std::string date;                 // the field that holds it
    std::vector<std::string> fields;  // "lines.sku" is one of every line
};

// Nothing for a record without any of the fields.
value::Document remainder_of(const RemainderRule& rule, value::Node record);

// What to keep of these people's records. Only what is stored in clear: personal fields never get here.
Result<std::vector<store::Remainder>> remainders_of(World& world, store::ReadSession& session,
                                                    const store::PersonUids& people,
                                                    const std::vector<RemainderRule>& rules);

}  // namespace tributary::flow
