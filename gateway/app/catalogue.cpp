#include "gateway/app/catalogue.hpp"

#include <set>

#include "connectors/built_in.hpp"
#include "gateway/app/config_check.hpp"
#include "gateway/record/load_model.hpp"

namespace tributary::app {
namespace {

// What to read; nullptr: everything.
using Names = std::set<std::string, std::less<>>;
struct Selection {
    const Names* connectors = nullptr;
    const Names* mappings = nullptr;
};

// Fills all but the config, from the folders that `paths` names.
void load_parts(Catalogue& catalogue, const PathsConfig& paths, const Selection& selection, spec::Problems& problems) {
    connectors::add_built_in(catalogue.connectors);
    for (const auto& folder : paths.connectors) catalogue.connectors.load(folder, problems, selection.connectors);
    if (auto model = record::load_model(paths.canonical.string(), paths.custom_fields.string(), problems))
        catalogue.model = std::move(*model);
    // The first folder that has a lookup or a mapping wins, so a user's file replaces a shipped one.
    mapping::Lookups lookups;
    for (const auto& folder : paths.mappings)
        lookups.merge(mapping::load_lookups((folder / "lookups").string(), problems));
    for (const auto& folder : paths.mappings)
        catalogue.plans.merge(
            mapping::load_mappings(folder.string(), catalogue.model, lookups, problems, selection.mappings));
    if (auto purposes = consent::PurposeRegistry::load(paths.purposes.string(), problems))
        catalogue.purposes = std::move(*purposes);
}

std::unique_ptr<Catalogue> load_selected(const Config& config, const Selection& selection, spec::Problems& problems) {
    auto catalogue = std::make_unique<Catalogue>();
    catalogue->config = config;
    load_parts(*catalogue, config.paths, selection, problems);
    if (const auto& service = config.service)
        catalogue->service = service::Rulebook::load(service->rules.string(), problems);
    std::set<std::string> mappings;
    for (const auto& [name, plan] : catalogue->plans) mappings.insert(name);
    check_config(catalogue->config, {catalogue->connectors, catalogue->purposes, mappings, catalogue->model}, problems);
    if (!problems.ok()) return nullptr;
    return catalogue;
}

}  // namespace

std::unique_ptr<Catalogue> complete_catalogue(const Config& config, Extent extent, spec::Problems& problems) {
    if (extent == Extent::named) {
        Names connectors, mappings;
        for (const auto& connection : config.connections) {
            connectors.insert(*connection.connector);
            for (const auto& [_, stream] : connection.streams) mappings.insert(*stream.mapping);
        }
        for (const auto& delivery : config.deliveries)
            if (delivery.mapping) mappings.insert(delivery.mapping->value);
        spec::Problems found;
        if (auto catalogue = load_selected(config, {&connectors, &mappings}, found)) {
            problems.append(std::move(found));
            return catalogue;
        }
        // A complete report knows the names of all there are.
    }
    return load_selected(config, {}, problems);
}

std::unique_ptr<Catalogue> load_catalogue(const std::filesystem::path& config_file, const std::filesystem::path& share,
                                          spec::Problems& problems) {
    const auto config = load_config(config_file, share, Environment(), problems);
    return config ? complete_catalogue(*config, Extent::all, problems) : nullptr;
}

std::unique_ptr<Catalogue> load_share(const std::filesystem::path& share, spec::Problems& problems) {
    auto catalogue = std::make_unique<Catalogue>();
    PathsConfig paths;
    paths.connectors = {share / "connectors"};
    paths.mappings = {share / "mappings"};
    paths.canonical = share / "mappings" / "canonical";
    paths.purposes = share / "config" / "purposes.yaml";
    load_parts(*catalogue, paths, {}, problems);
    catalogue->service = service::Rulebook::load((share / "config" / "service_rules.yaml").string(), problems);
    if (!problems.ok()) return nullptr;
    return catalogue;
}

}  // namespace tributary::app
