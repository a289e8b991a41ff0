// Candidate: one source record as identity sees it. Records are never merged: they are linked, and the golden view is
// computed from all of them.
#pragma once

#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

// Cheap to copy. `record` must outlive whatever the candidate is given to.
struct Candidate {
    Uid id;
    std::string connection;   // "webshop"
    std::string external_id;  // its id over there; customers and the customers of orders share one id space
    value::Node record;       // the canonical record, a contact or an organisation; all of one call are of one entity
    Timestamp observed_at{};  // when the source said it; the record's updated_at wins where it has one
    // The connection declares that its contact points count as verified (an ERP whose clerks check them).
    bool trusted_contact_points = false;
    // Connections that name the same space share customer numbers by contract; empty: numbers link nothing.
    std::string customer_number_space;
};

}  // namespace tributary::identity
