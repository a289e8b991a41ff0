// Rules that look at several fields of a record. Internal to record.
#pragma once

#include <vector>

#include "gateway/record/issue.hpp"
#include "gateway/record/model.hpp"
#include "gateway/value/document.hpp"

namespace tributary::record {

void check_across(const Entity& entity, value::Node record, std::vector<Issue>& issues);

}  // namespace tributary::record
