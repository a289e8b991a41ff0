// Reads the canonical model and the user's custom fields. mappings/canonical/envelope.yaml documents the format.
#pragma once

#include <optional>
#include <string>

#include "gateway/record/model.hpp"
#include "gateway/spec/problem.hpp"

namespace tributary::record {

// Every *.yaml of `folder` makes one model. `custom_file` may be empty: then there are no custom fields.
// nullopt exactly when problems were added; all are reported.
std::optional<Model> load_model(const std::string& folder, const std::string& custom_file, spec::Problems& problems);

}  // namespace tributary::record
