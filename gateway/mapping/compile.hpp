// compile: a mapping file becomes a Plan, or all of its problems at once, each with file:line:col.
//
//   spec::Problems problems;
//   auto lookups = load_lookups("mappings/lookups", problems);
//   auto plans = load_mappings("mappings", model, lookups, problems);   // every mapping of a folder, by name
//   if (!problems.ok()) ...
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "gateway/mapping/plan.hpp"
#include "gateway/record/model.hpp"
#include "gateway/spec/yaml.hpp"

namespace tributary::mapping {

// The tables of mappings/lookups/<name>.yaml, by name: a map from the source's words to values.
using Lookups = std::map<std::string, spec::Yaml, std::less<>>;
// *.yaml of the folder; a folder that is not there has none.
Lookups load_lookups(const std::string& folder, spec::Problems& problems);

// nullptr exactly when problems were added. REQUIRES: `model` outlives the plan.
std::shared_ptr<const Plan> compile(const spec::Yaml& mapping, const record::Model& model, const Lookups& lookups,
                                    spec::Problems& problems);
// `file` is the name that problems show.
std::shared_ptr<const Plan> compile_text(std::string_view text, std::string file, const record::Model& model,
                                         const Lookups& lookups, spec::Problems& problems);

using Plans = std::map<std::string, std::shared_ptr<const Plan>, std::less<>>;
// Every <folder>/<connector>/*.yaml except the folders canonical and lookups, or those named in `only`; `mapping:` must
// agree with the file's place.
Plans load_mappings(const std::string& folder, const record::Model& model, const Lookups& lookups,
                    spec::Problems& problems, const std::set<std::string, std::less<>>* only = nullptr);

}  // namespace tributary::mapping
