// Reach: under which addresses and numbers a destination knows a person, for tasks that outlive the record: the
// person's own data may be erased before every destination has been told. It is sealed with the key ring, and goes with
// the task's end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/value/document.hpp"

namespace tributary::flow {

struct Reach {
    std::vector<std::string> emails;  // normalised
    std::vector<std::string> phones;  // E.164

    bool empty() const { return emails.empty() && phones.empty(); }
};

// Of a contact's golden view.
Reach reach_of(value::Node contact);

// For one destination of one request; empty for an empty reach.
std::string seal_reach(const World& world, const Uid& request, std::string_view destination, const Reach& reach);
// bad_config when the key that sealed it is no longer in the ring.
Result<Reach> open_reach(const World& world, const Uid& request, std::string_view destination, std::string_view sealed);

}  // namespace tributary::flow
