// validate: checks a whole canonical record against its entity. All issues, never just the first.
// Checks: unknown fields, kinds and forms of every value, required fields, enum values, lengths; and across fields: an
// order's lines - discount + shipping + tax = total (when every part is present, one minor unit of slack for each
// line), ends not before starts, one currency in an order, no card or account number in texts of payments and orders.
#pragma once

#include <vector>

#include "gateway/record/issue.hpp"
#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

// Appends to `issues`; true when it added none. Fields that the gateway sets need not be there.
// `partial`: an update that holds only some fields; required ones may be missing.
bool validate(const Entity& entity, value::Node record, std::vector<Issue>& issues, bool partial = false);

}  // namespace tributary::record
