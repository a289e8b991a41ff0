// Golden view: what we show and deliver as one customer, computed from its source records by survivorship rules. Never
// stored as truth: unlinking a record and computing again gives back exactly what was before.
//
// Consent never survives this way; do_not is only what people see, true where any source says so. Fields that the
// gateway sets (id, source, dq, ...) are left out. Members stand in alphabetical order.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gateway/identity/resolve.hpp"
#include "gateway/identity/survivorship.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

struct GoldenView {
    value::Document contact;
    // {"name": "<record uid>", "emails": ["<uid>", ...], "custom": {"level": "<uid>"}}: where each field came from.
    value::Document provenance;
};

// The same people in any order give byte-identical JSON. Deleted ones give nothing; all deleted: contact is empty.
GoldenView golden(std::span<const Person> people, const Survivorship& rules);

}  // namespace tributary::identity
