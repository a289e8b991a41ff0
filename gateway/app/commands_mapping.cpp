#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/catalogue.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/input.hpp"
#include "gateway/app/share.hpp"
#include "gateway/base/text.hpp"
#include "gateway/mapping/tests.hpp"
#include "gateway/mapping/trace.hpp"
#include "gateway/service/rule_tests.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

// With a gateway.yaml its own mappings count too; without one the shipped ones do.
std::unique_ptr<Catalogue> catalogue_for(const Common& common, spec::Problems& problems) {
    if (std::filesystem::exists(common.config)) return load_catalogue(common.config, share_folder(), problems);
    return load_share(share_folder(), problems);
}

std::vector<std::string> names_of(const Catalogue& catalogue) {
    std::vector<std::string> names;
    for (const auto& [name, _] : catalogue.plans) names.push_back(name);
    return names;
}

Error unknown_mapping(const std::string& name, const std::vector<std::string>& known) {
    const auto near = nearest(name, known);
    return {Fault::bad_input,
            near ? "there is no such mapping: did you mean " + *near + "?" : "there is no such mapping", name};
}

int map(const Common& common, const std::string& name, const std::string& file, bool hide) {
    spec::Problems problems;
    auto catalogue = catalogue_for(common, problems);
    std::cerr << problems.text();
    if (!catalogue) return 1;
    auto plan = catalogue->plans.find(name);
    if (plan == catalogue->plans.end()) return report(common, unknown_mapping(name, names_of(*catalogue)));
    auto text = read_input(file);
    if (!text) return report(common, text.error());
    auto source = value::parse_json(*text);
    if (!source) return report(common, std::move(source).error().in(file));
    mapping::Scratch scratch;
    mapping::Trace trace(!hide);
    auto mapped = plan->second->run(source->root(), scratch, trace);
    value::Builder out;
    out.begin_object()
        .key("accepted")
        .boolean(mapped.accepted())
        .key("skipped")
        .boolean(mapped.skipped)
        .key("records")
        .begin_array();
    for (const auto& record : mapped.records)
        out.begin_object()
            .key("entity")
            .text(record.entity)
            .key("key")
            .text(record.key)
            .key("record")
            .copy(record.document.root())
            .end();
    out.end().key("issues").begin_array();
    for (const auto& issue : mapped.issues)
        out.begin_object()
            .key("level")
            .text(mapping::name_of(issue.level))
            .key("code")
            .text(issue.code)
            .key("text")
            .text(issue.text())
            .end();
    out.end().end();
    auto result = out.take();
    if (common.json) {
        print(common, result.root());
    } else {
        std::cout << trace.text() << '\n' << value::to_pretty_json(result.root().find("records")) << '\n';
        for (const auto& issue : mapped.issues)
            std::cout << mapping::name_of(issue.level) << ": " << issue.text() << '\n';
        if (mapped.skipped) std::cout << "skipped by the mapping's own rule\n";
    }
    return mapped.accepted() ? 0 : 1;
}

int test(const Common& common, const std::vector<std::string>& names) {
    spec::Problems problems;
    auto catalogue = catalogue_for(common, problems);
    std::cerr << problems.text();
    if (!catalogue) return 1;
    auto known = names_of(*catalogue);
    if (catalogue->service) known.emplace_back("service_rules");
    for (const auto& name : names)
        if (!std::ranges::count(known, name)) return report(common, unknown_mapping(name, known));
    std::size_t passed = 0, failed = 0;
    value::Builder out;
    out.begin_object().key("failures").begin_array();
    mapping::Scratch scratch;
    auto show = [&](const std::string& name, const auto& results) {
        for (const auto& result : results) {
            ++(result.passed() ? passed : failed);
            if (result.passed()) continue;
            out.begin_object().key("mapping").text(name).key("test").text(result.name);
            out.key("file").text(result.place.file).key("line").integer(result.place.mark.line);
            out.key("differences").begin_array();
            for (const auto& difference : result.differences) out.text(difference);
            out.end().end();
            if (common.json) continue;
            std::cout << result.place.file << ":" << result.place.mark.line << ": " << name << ": " << result.name
                      << '\n';
            for (const auto& difference : result.differences) std::cout << "    " << difference << '\n';
        }
    };
    auto wanted = [&](const std::string& name) {
        return names.empty() || std::ranges::find(names, name) != names.end();
    };
    for (const auto& [name, plan] : catalogue->plans)
        if (wanted(name)) show(name, mapping::run_tests(*plan, scratch));
    if (catalogue->service && wanted("service_rules")) show("service_rules", service::run_tests(*catalogue->service));
    out.end().key("passed").integer(static_cast<std::int64_t>(passed));
    out.key("failed").integer(static_cast<std::int64_t>(failed)).end();
    auto document = out.take();
    if (common.json)
        print(common, document.root());
    else
        std::cout << passed << " passed, " << failed << " failed\n";
    return failed ? 1 : 0;
}

}  // namespace

void add_mapping_commands(CLI::App& app, Common& common) {
    struct Options {
        std::string mapping, file;
        bool hide = false;
        std::vector<std::string> names;
    };
    auto options = std::make_shared<Options>();  // the callbacks hold it
    auto* map_command = app.add_subcommand("map", "run one record through a mapping and show every field");
    map_command->add_option("mapping", options->mapping, "such as shopify/order")->required();
    map_command->add_option("file", options->file, "a JSON file, or - for standard input")->required();
    map_command->add_flag("--hide-values", options->hide, "leave the source's values out of the trace");
    map_command->callback([&common, options] {
        common.run = [&common, options] { return map(common, options->mapping, options->file, options->hide); };
    });
    auto* mapping_command = app.add_subcommand("mapping", "work on mappings");
    mapping_command->require_subcommand(1);
    auto* test_command = mapping_command->add_subcommand(
        "test", "run the tests that stand in the mapping files and in the service rules");
    test_command->add_option("mappings", options->names, "only these; service_rules for the service rules");
    test_command->callback(
        [&common, options] { common.run = [&common, options] { return test(common, options->names); }; });
}

}  // namespace tributary::app
