// `connector new`: a commented skeleton that passes `check` as it is; `connector sdk`: the headers for a plug-in.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>

#include "gateway/app/connector_commands.hpp"
#include "gateway/app/connector_skeleton.hpp"
#include "gateway/app/share.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/registry.hpp"

namespace tributary::app {
namespace {

namespace fs = std::filesystem;

Result<void> write_file(const fs::path& file, const std::string& text) {
    std::error_code failed;
    fs::create_directories(file.parent_path(), failed);
    if (failed) return fail(Fault::bad_config, "this folder cannot be made", file.parent_path().string());
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) return fail(Fault::bad_config, "this file cannot be written", file.string());
    return {};
}

int print_files(const Common& common, const std::vector<fs::path>& files) {
    value::Builder out;
    out.begin_object().key("made").begin_array();
    for (const auto& file : files) out.text(file.string());
    out.end().end();
    const auto document = out.take();
    if (common.json)
        print(common, document.root());
    else
        for (const auto& file : files) std::cout << "made " << file.string() << '\n';
    return 0;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos &&
           text.front() != '_' && text.back() != '_';
}

int make(const Common& common, const std::string& name, const std::string& family) {
    static const std::vector<std::string> families = {"erp", "ecommerce", "social", "email", "crm", "data", "generic"};
    if (!is_name(name))
        return report(common, {Fault::bad_input, "a name has lower-case letters, digits and _ between them", name});
    if (!std::ranges::count(families, family))
        return report(common, {Fault::bad_input, "a family is one of " + join(families, ", "), family});
    spec::Problems problems;
    connector::Registry shipped;
    shipped.load(share_folder() / "connectors", problems);
    if (const auto* there = shipped.find(name))
        return report(common, {Fault::bad_input, "there is a connector of this name: " + there->file.string(), name});
    // Beside the configuration, where it is looked for.
    const auto base = common.config.parent_path();
    std::vector<fs::path> made;
    const auto files = connector_skeleton(name, family);
    for (const auto& [path, _] : files)
        if (fs::exists(base / path))
            return report(common,
                          {Fault::bad_input, "this is there already, nothing was written", (base / path).string()});
    for (const auto& [path, text] : files) {
        if (auto written = write_file(base / path, text); !written) return report(common, written.error());
        made.push_back(base / path);
    }
    const int code = print_files(common, made);
    if (!common.json)
        std::cout << "\nnext: describe the API in the first file, then add to " << common.config.string() << ":\n\n"
                  << connection_lines(name) << "\nand run: tributary --config " << common.config.string() << " check\n";
    return code;
}

int sdk(const Common& common, const fs::path& folder) {
    std::vector<fs::path> made;
    for (const char* name : {"tributary_plugin.h", "tributary_plugin.hpp", "tributary_json.hpp"}) {
        const auto from = share_folder() / "plugins" / "sdk" / name;
        std::ifstream in(from, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        if (!in || text.empty()) return report(common, {Fault::bad_config, "this file is missing", from.string()});
        if (auto written = write_file(folder / name, text); !written) return report(common, written.error());
        made.push_back(folder / name);
    }
    return print_files(common, made);
}

}  // namespace

void add_connector_new(CLI::App& group, Common& common) {
    struct Options {
        std::string name, family = "generic", folder = ".";
    };
    auto options = std::make_shared<Options>();  // the callbacks hold it
    auto* make_command = group.add_subcommand("new", "write a commented skeleton beside the configuration");
    make_command->add_option("name", options->name, "of the connector")->required();
    make_command->add_option("--family", options->family, "erp, ecommerce, social, email, crm, data or generic")
        ->capture_default_str();
    make_command->callback([&common, options] {
        common.run = [&common, options] { return make(common, options->name, options->family); };
    });
    auto* sdk_command = group.add_subcommand("sdk", "copy the headers for plug-ins in C and C++");
    sdk_command->add_option("folder", options->folder, "where to")->capture_default_str();
    sdk_command->callback(
        [&common, options] { common.run = [&common, options] { return sdk(common, options->folder); }; });
}

}  // namespace tributary::app
