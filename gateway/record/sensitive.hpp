// Sensitive: the class P3 parts of a record, which only leave with an explicit consent.
#pragma once

#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

bool holds_sensitive(const Entity& entity, value::Node record);
// The record without them; objects and list elements that held nothing else are left out whole.
value::Document without_sensitive(const Entity& entity, value::Node record);

}  // namespace tributary::record
