// What a record is now, from the store alone, ready to be routed once more: for what consent withheld and for what went
// to the dead letters. Always the newest form, so a late try never overwrites a newer state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/flow/routing.hpp"

namespace tributary::flow {

struct CurrentChange {
    Change change;  // its document and person still have to be pointed at these two
    value::Document document;
    value::Document person;  // of another entity than a contact: its customer, where there is one
    std::string delivery;    // the one that asks for it
};

// nullopt: the record is gone. `operation` is an item's ("erp-customers:upsert").
Result<std::optional<CurrentChange>> current_change(World& world, const std::string& entity, const Uid& local,
                                                    const Uid& customer, const std::string& operation,
                                                    const std::string& origin);

// All that is withheld from these customers.
Result<std::vector<CurrentChange>> withheld_changes(World& world, std::span<const Uid> customers);

}  // namespace tributary::flow
