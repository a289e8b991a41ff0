// References: a mapping writes {"entity", "external_id"} where a record points at another one, as its source knows it;
// here each gets the uid of that record beside it (id), so that it is found without asking the source.
#pragma once

#include <functional>
#include <string>

#include "gateway/base/uid.hpp"
#include "gateway/value/document.hpp"

namespace tributary::flow {

struct Reference {
    std::string entity, external_id;
    std::string connection;  // empty: the record's own
};

// A copy of `record` in which each reference has an `id`, the uid that `resolve` gives.
value::Document resolve_references(value::Node record, const std::function<Uid(const Reference&)>& resolve);

}  // namespace tributary::flow
