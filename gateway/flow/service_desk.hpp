// ServiceDesk: what the messages of a batch make of the cases of their conversations, and what a service desk reports
// about a case that was delivered to it. Reads the store, writes nothing; its rows go into the batch's transaction.
//
// A case is a record of its own: connection of the message, stream kCaseStream, and as external id a keyed hash of the
// conversation and a number in it, so that a repetition finds the same case and nobody can read who wrote.
//
// REQUIRES: no other batch commits between service_cases() and the commit of its result (the process step holds one
// lock).
#pragma once

#include <map>
#include <span>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

// No stream of a connector has a name like this.
inline constexpr std::string_view kCaseStream = "service:cases";

struct CaseChange {
    PreparedRecord record;  // header with the stored id and version; nothing sealed yet
    std::string origin;     // the connection that reported it; empty: the rules, so every destination hears of it
    std::string rule;       // that opened it; empty: an older case changed
};

struct ServiceWork {
    std::vector<CaseChange> changes;  // one for each case
    // Records of a service desk that are our own cases: they are told as changes of those, never as cases of their own.
    std::vector<Uid> echoes;
};

// `customer_of`: the customer of each contact record that the batch speaks about.
Result<ServiceWork> service_cases(World& world, std::span<const PreparedRecord> records,
                                  const std::map<Uid, Uid>& customer_of);

}  // namespace tributary::flow
