// Catalogue: a configuration with everything it names, loaded and checked whole, no socket opened: connectors, the
// canonical model, mappings and purposes. `check` makes one and reports; `run` makes one first.
#pragma once

#include <filesystem>
#include <memory>

#include "gateway/app/config.hpp"
#include "gateway/connector/registry.hpp"
#include "gateway/consent/purpose.hpp"
#include "gateway/mapping/compile.hpp"
#include "gateway/record/model.hpp"
#include "gateway/service/rulebook.hpp"
#include "gateway/spec/problem.hpp"

namespace tributary::app {

struct Catalogue {
    Config config;
    record::Model model;  // plans point into it: a Catalogue is never moved
    mapping::Plans plans;
    consent::PurposeRegistry purposes;
    connector::Registry connectors;
    std::optional<service::Rulebook> service;  // when the configuration has a `service` section
};

// How much of the connectors and mappings is read.
enum class Extent {
    all,    // every file, also what nothing names yet: `check` and `run`
    named,  // what the configuration names: a command between two others starts at once
};

// nullptr exactly when there are problems; all of them, of all files.
std::unique_ptr<Catalogue> load_catalogue(const std::filesystem::path& config_file, const std::filesystem::path& share,
                                          spec::Problems& problems);
// The same for a configuration that is loaded already. With Extent::named, files are read in full only to report what
// is wrong with those it names.
std::unique_ptr<Catalogue> complete_catalogue(const Config& config, Extent extent, spec::Problems& problems);

// The same without a gateway.yaml, for `mapping test`, `map` and `connector list`: the installation's own files.
std::unique_ptr<Catalogue> load_share(const std::filesystem::path& share, spec::Problems& problems);

}  // namespace tributary::app
