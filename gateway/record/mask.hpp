// A record for somebody who may not see personal values: those of class P2 and P3 become "***", so that it still shows
// which fields there are.
#pragma once

#include <string_view>

#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

constexpr std::string_view kMasked = "***";

// Fields that the model does not know count as personal.
value::Document mask_personal(const Entity& entity, value::Node record);
// Of a record whose fields have no class: every scalar.
value::Document mask_all(value::Node node);

}  // namespace tributary::record
