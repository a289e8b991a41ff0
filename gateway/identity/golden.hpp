// The golden view: one record computed from all records of a customer, with the source of every field.
// A pure function of the set of records and the rules: taking a record away gives exactly the former view.
// Consent never survives this way; do_not is only what people see, true where any source says so.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gateway/identity/candidate.hpp"
#include "gateway/identity/survivorship.hpp"
#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

struct Provenance {
    std::string path;  // "name", "emails[0]", "custom.level"
    Uid record;
};

struct Golden {
    value::Document record;  // fields in the model's order; without those that the gateway sets
    std::vector<Provenance> provenance;
};

// REQUIRES: at least one candidate, all of `entity`; their order does not matter.
Golden golden_view(std::span<const Candidate> candidates, const record::Entity& entity,
                   const Survivorship& survivorship);

}  // namespace tributary::identity
