// Checks the settings of a connection against what its connector declares. Values never stand in a problem.
#pragma once

#include "gateway/connector/description.hpp"
#include "gateway/spec/yaml.hpp"

namespace tributary::connector {

// `settings` may be nullptr: none are written; `here` is then where the problem is. Leaves with a ${reference} pass.
void check_settings(const Description& about, const spec::Yaml* settings, const spec::Place& here,
                    spec::Problems& problems);
// With the defaults of what is not set. REQUIRES: an object, null or nothing.
value::Document with_defaults(const Description& about, value::Node settings);

}  // namespace tributary::connector
