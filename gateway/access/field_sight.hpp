// FieldSight: what a caller sees of records, by the class of each field. The rows of tests/cases/access/sights.json say
// what that makes of each role.
#pragma once

#include "gateway/access/caller.hpp"
#include "gateway/record/sight.hpp"

namespace tributary::access {

// Of somebody who may see neither customers nor queues everything is hidden. P1 and P2 are masked and P3 is left out
// without internal.read, personal.read and sensitive.read, each under the condition of its second factor. Who may read
// a person's values says what for, and the person's consent may leave out more (app/reading.hpp).
record::Sights sights_of(const Caller& caller);

}  // namespace tributary::access
