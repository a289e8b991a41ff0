// What gateway.yaml says against what there is: connectors, their streams, topics, actions and settings, purposes and
// mappings. Opens no socket.
#pragma once

#include <set>
#include <string>

#include "gateway/app/config.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/consent/purpose.hpp"
#include "gateway/record/model.hpp"
#include "gateway/spec/problem.hpp"

namespace tributary::app {

// `mappings` are the names of all mappings that were found.
struct Known {
    const connector::Registry& connectors;
    const consent::PurposeRegistry& purposes;
    const std::set<std::string>& mappings;
    const record::Model& model;
};

void check_config(const Config& config, const Known& known, spec::Problems& problems);

}  // namespace tributary::app
