#include "gateway/app/catalogue.hpp"

#include <set>

#include "connectors/built_in.hpp"
#include "gateway/app/config_check.hpp"
#include "gateway/record/load_model.hpp"

namespace tributary::app {
namespace {

// Fills all but the config, from the folders that `paths` names.
void load_parts(Catalogue& catalogue, const PathsConfig& paths, spec::Problems& problems) {
    connectors::add_built_in(catalogue.connectors);
    for (const auto& folder : paths.connectors) catalogue.connectors.load(folder, problems);
    if (auto model = record::load_model(paths.canonical.string(), paths.custom_fields.string(), problems))
        catalogue.model = std::move(*model);
    // The first folder that has a lookup or a mapping wins, so a user's file replaces a shipped one.
    mapping::Lookups lookups;
    for (const auto& folder : paths.mappings)
        lookups.merge(mapping::load_lookups((folder / "lookups").string(), problems));
    for (const auto& folder : paths.mappings)
        catalogue.plans.merge(mapping::load_mappings(folder.string(), catalogue.model, lookups, problems));
    if (auto purposes = consent::PurposeRegistry::load(paths.purposes.string(), problems))
        catalogue.purposes = std::move(*purposes);
}

}  // namespace

std::unique_ptr<Catalogue> load_catalogue(const std::filesystem::path& config_file, const std::filesystem::path& share,
                                          spec::Problems& problems) {
    auto catalogue = std::make_unique<Catalogue>();
    Environment environment;
    auto config = load_config(config_file, share, environment, problems);
    if (!config) return nullptr;
    catalogue->config = std::move(*config);
    load_parts(*catalogue, catalogue->config.paths, problems);
    if (const auto& service = catalogue->config.service)
        catalogue->service = service::Rulebook::load(service->rules.string(), problems);
    std::set<std::string> mappings, entities;
    for (const auto& [name, plan] : catalogue->plans) mappings.insert(name);
    for (const auto& name : catalogue->model.entity_names()) entities.insert(name);
    check_config(catalogue->config, {catalogue->connectors, catalogue->purposes, mappings, entities}, problems);
    if (!problems.ok()) return nullptr;
    return catalogue;
}

std::unique_ptr<Catalogue> load_share(const std::filesystem::path& share, spec::Problems& problems) {
    auto catalogue = std::make_unique<Catalogue>();
    PathsConfig paths;
    paths.connectors = {share / "connectors"};
    paths.mappings = {share / "mappings"};
    paths.canonical = share / "mappings" / "canonical";
    paths.purposes = share / "config" / "purposes.yaml";
    load_parts(*catalogue, paths, problems);
    catalogue->service = service::Rulebook::load((share / "config" / "service_rules.yaml").string(), problems);
    if (!problems.ok()) return nullptr;
    return catalogue;
}

}  // namespace tributary::app
