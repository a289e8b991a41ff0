#include "gateway/connector/registry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/declarative_connector.hpp"
#include "gateway/connector/declarative/exchange_tokens.hpp"
#include "gateway/connector/native/library.hpp"
#include "gateway/connector/native/native_connector.hpp"
#include "gateway/connector/native/native_file.hpp"
#include "gateway/connector/rate_budgets.hpp"
#include "gateway/connector/settings_check.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {

struct Registry::Entry {
    Description about;
    std::string definition_from;
    std::optional<NativeRule> native;
    std::shared_ptr<const Definition> definition;  // the connectors built from it hold it too
};

Registry::Registry() : budgets_(std::make_unique<RateBudgets>()) {}
Registry::~Registry() = default;
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;

void Registry::add(std::string name, Factory factory) {
    factories_.insert_or_assign(std::move(name), std::move(factory));
}

void Registry::load(const std::filesystem::path& root, spec::Problems& problems,
                    const std::set<std::string, std::less<>>* only) {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (const auto& family : std::filesystem::directory_iterator(root, error)) {
        if (!family.is_directory()) continue;
        for (const auto& folder : std::filesystem::directory_iterator(family.path(), error)) {
            if (only && !only->contains(folder.path().filename().string())) continue;
            if (auto file = folder.path() / "connector.yaml"; std::filesystem::exists(file))
                files.push_back(std::move(file));
        }
    }
    if (error) problems.add({root.string(), {}, {}}, "cannot read the connectors folder");
    std::ranges::sort(files);
    for (const auto& file : files) load_file(file, problems);
}

void Registry::load_file(const std::filesystem::path& path, spec::Problems& problems) {
    spec::Problems here;
    auto file = spec::load<NativeFile>(path.string(), here);
    if (file) {
        // An inline definition names what it likes: its settings and credentials are the user's own.
        file->check_all(&file->about, here);
        const auto name = file->about.name;
        const spec::Place place{path.string(), {}, {}};
        if (name != path.parent_path().filename())
            here.add(place, fmt::format("connector '{}' must lie in a folder of that name", name));
        if (entries_.contains(name))
            here.add(place, fmt::format("there is a connector '{}' already: {}", name,
                                        entries_.find(name)->second->about.file.string()));
        if (here.ok()) {
            auto entry = std::make_unique<Entry>();
            entry->about = file->about;
            entry->definition_from = file->definition_from;
            entry->native = file->native;
            entry->definition = std::make_shared<const Definition>(*std::move(file));
            entries_.emplace(name, std::move(entry));
        }
    }
    problems.append(std::move(here));
}

const Description* Registry::find(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second->about;
}

std::vector<const Description*> Registry::list() const {
    std::vector<const Description*> out;
    for (const auto& [_, entry] : entries_) out.push_back(&entry->about);
    return out;
}

Error Registry::unknown(std::string_view name) const {
    std::vector<std::string> known;
    for (const auto& [each, _] : entries_) known.push_back(each);
    const auto near = nearest(name, known);
    return {Fault::bad_config,
            fmt::format("there is no connector '{}'; {}", name,
                        near ? "did you mean '" + *near + "'?" : "`connector list` shows those there are")};
}

void Registry::check_settings(std::string_view name, const spec::Yaml* settings, const spec::Place& here,
                              spec::Problems& problems, const std::set<std::string, std::less<>>* given) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
        problems.add(here, unknown(name).what);
        return;
    }
    const auto& entry = *found->second;
    connector::check_settings(entry.about, settings, here, problems);
    if (entry.native)
        if (auto usable = native::Library::check(library_of(*entry.native, entry.about)); !usable)
            problems.add(here, usable.error().text());
    const auto* inner = settings && !entry.definition_from.empty() ? settings->find(entry.definition_from) : nullptr;
    if (!inner) return;
    if (auto definition = spec::type_of<Definition>().parse(*inner, problems))
        definition->check_all(nullptr, problems, given);
}

void Registry::keep_budgets_of(const Registry& before) {
    budgets_->go_on_from(*before.budgets_);
}

void Registry::share_budgets(unsigned gateways) const {
    budgets_->share(gateways);
}

Result<std::unique_ptr<Connector>> Registry::build(std::string_view name, Setup setup) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return fail(unknown(name));
    const auto& entry = *found->second;
    const auto where = "connection " + setup.connection;
    // The same check as for the file, now that references are resolved.
    spec::Problems problems;
    auto yaml =
        spec::parse_yaml(setup.settings.empty() ? "{}" : value::to_json(setup.settings.root()), where, problems);
    if (yaml) check_settings(name, &*yaml, {where, {}, {}}, problems);
    if (!yaml || !problems.ok()) return fail(problems.error());
    setup.settings = with_defaults(entry.about, setup.settings.root());
    if (setup.budget_key.empty()) setup.budget_key = setup.connection;

    if (entry.about.built_in) {
        const auto factory = factories_.find(name);
        if (factory == factories_.end())
            return fail(Fault::bad_config, fmt::format("connector '{}' is not built into this program", name));
        if (!entry.definition->auth.steps.empty()) {
            auto tokens = ExchangeTokens::make(entry.definition, setup);
            if (!tokens) return pass(std::move(tokens), where);
            setup.tokens = *std::move(tokens);
        }
        auto built = factory->second(std::move(setup));
        if (!built) return pass(std::move(built), where);
        return built;
    }
    if (entry.native) {
        auto built = make_native(*entry.native, entry.about, std::move(setup), {"/proc/self/exe", "plugin-host"});
        if (!built) return pass(std::move(built), where);
        return built;
    }
    auto definition = entry.definition;
    if (const auto* inner = entry.definition_from.empty() ? nullptr : yaml->find(entry.definition_from)) {
        auto own = spec::type_of<Definition>().parse(*inner, problems);
        if (!own || !problems.ok()) return fail(problems.error());
        definition = std::make_shared<const Definition>(*std::move(own));
    }
    // Without a budget of its own a connector is as fast as it can, and pauses for sync and delivery alike when told
    // to.
    constexpr run::RateLimits kUnlimited{.capacity = 1e6, .refill_per_second = 1e6};
    auto gate =
        budgets_->get(setup.budget_key, definition->budget ? definition->budget->limits : kUnlimited, setup.timers);
    auto built = DeclarativeConnector::make(std::move(definition), std::move(setup), std::move(gate));
    if (!built) return pass(std::move(built), where);
    return built;
}

}  // namespace tributary::connector
