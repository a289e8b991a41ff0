#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "gateway/app/catalogue.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/config_reference.hpp"
#include "gateway/app/connector_commands.hpp"
#include "gateway/app/routes.hpp"
#include "gateway/app/share.hpp"
#include "gateway/connector/declarative/vectors.hpp"

namespace tributary::app {
namespace {

// With a gateway.yaml the connectors beside it count too; without one the shipped ones do.
std::unique_ptr<Catalogue> shared(const Common& common) {
    spec::Problems problems;
    auto catalogue = std::filesystem::exists(common.config) ? load_catalogue(common.config, share_folder(), problems)
                                                            : load_share(share_folder(), problems);
    std::cerr << problems.text();
    return catalogue;
}

std::string roles(const connector::Description& one) {
    std::string text;
    for (auto [has, name] :
         {std::pair{one.has_source(), "source"}, {one.has_sink(), "sink"}, {one.has_hook, "webhooks"}})
        if (has) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

int list(const Common& common) {
    auto catalogue = shared(common);
    if (!catalogue) return 1;
    value::Builder out;
    out.begin_object().key("connectors").begin_array();
    for (const auto* one : catalogue->connectors.list()) {
        out.begin_object()
            .key("connector")
            .text(one->name)
            .key("family")
            .text(one->family)
            .key("roles")
            .text(roles(*one));
        out.key("verified").text(connector::name_of(one->verified));
        out.key("sources").integer(static_cast<std::int64_t>(one->sources.size()));
        out.key("unverified").integer(static_cast<std::int64_t>(one->unverified.size()));
        out.key("title").text(one->title).end();
    }
    out.end().end();
    auto document = out.take();
    print(common, document.root());
    return 0;
}

int show(const Common& common, const std::string& name) {
    auto catalogue = shared(common);
    if (!catalogue) return 1;
    const auto* one = catalogue->connectors.find(name);
    if (!one)
        return report(common, {Fault::bad_input, "there is no such connector: see `tributary connector list`", name});
    value::Builder out;
    out.begin_object().key("connector").text(one->name).key("title").text(one->title).key("roles").text(roles(*one));
    out.key("verified").text(connector::name_of(one->verified)).key("settings").begin_array();
    for (const auto& setting : one->settings) {
        out.begin_object().key("name").text(setting.name).key("required").boolean(setting.required);
        out.key("description").text(setting.description).end();
    }
    out.end().key("credentials").begin_array();
    for (const auto& credential : one->credentials) {
        out.begin_object().key("name").text(credential.name).key("required").boolean(credential.required);
        out.key("description").text(credential.description).end();
    }
    out.end().key("streams").begin_array();
    for (const auto& stream : one->streams) {
        out.begin_object()
            .key("name")
            .text(stream.name)
            .key("incremental")
            .boolean(stream.incremental)
            .key("key")
            .text(stream.key);
        out.key("description").text(stream.description).end();
    }
    out.end().key("actions").begin_array();
    for (const auto& action : one->actions) {
        out.begin_object().key("name").text(action.name).key("batch").integer(static_cast<std::int64_t>(action.batch));
        out.key("description").text(action.description).end();
    }
    out.end().key("topics").begin_array();
    for (const auto& topic : one->topics) out.text(topic);
    out.end().key("sources").begin_array();
    for (const auto& source : one->sources) out.text(source);
    out.end().key("unverified").begin_array();
    for (const auto& fact : one->unverified) out.text(fact);
    out.end().end();
    auto document = out.take();
    print(common, document.root());
    return 0;
}

int verify(const Common& common, const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return report(common, {Fault::bad_input, "this file cannot be read", file});
    auto verdicts = connector::judge_vectors(text.str(), share_folder() / "connectors");
    if (!verdicts) return report(common, std::move(verdicts).error().in(file));
    using Kind = connector::Verdict::Kind;
    std::size_t passed = 0, failed = 0, unjudged = 0;
    value::Builder out;
    out.begin_object().key("verdicts").begin_array();
    for (const auto& verdict : *verdicts) {
        const char* word = verdict.kind == Kind::passed   ? "passed"
                           : verdict.kind == Kind::failed ? "FAILED"
                                                          : "cannot judge";
        ++(verdict.kind == Kind::passed ? passed : verdict.kind == Kind::failed ? failed : unjudged);
        if (!common.json) std::cout << verdict.id << ": " << word << ": " << verdict.reason << '\n';
        out.begin_object()
            .key("id")
            .text(verdict.id)
            .key("verdict")
            .text(word)
            .key("reason")
            .text(verdict.reason)
            .end();
    }
    out.end()
        .key("passed")
        .integer(static_cast<std::int64_t>(passed))
        .key("failed")
        .integer(static_cast<std::int64_t>(failed));
    out.key("cannot_judge").integer(static_cast<std::int64_t>(unjudged)).end();
    auto document = out.take();
    if (common.json)
        print(common, document.root());
    else
        std::cout << unjudged << " entries cannot be judged yet\n" << passed << " passed, " << failed << " failed\n";
    return failed ? 1 : 0;
}

}  // namespace

void add_connector_commands(CLI::App& app, Common& common) {
    struct Options {
        std::string name, file, folder = "config", api_folder;
    };
    auto options = std::make_shared<Options>();  // the callbacks hold it
    auto* group = app.add_subcommand("connector", "what can be connected");
    group->require_subcommand(1);
    group->add_subcommand("list", "every connector with its roles and how it was verified")->callback([&] {
        common.run = [&] { return list(common); };
    });
    auto* show_command = group->add_subcommand("show", "settings, streams, actions and topics of one");
    show_command->add_option("connector", options->name)->required();
    show_command->callback(
        [&common, options] { common.run = [&common, options] { return show(common, options->name); }; });

    add_connector_test(*group, common);
    add_connector_new(*group, common);
    add_plugin_host(app, common);

    auto* webhook = app.add_subcommand("webhook", "work on webhooks");
    webhook->require_subcommand(1);
    auto* verify_command = webhook->add_subcommand("verify", "judge signature vectors by their connectors");
    verify_command->add_option("file", options->file, "a JSON array of vectors")->required();
    verify_command->callback(
        [&common, options] { common.run = [&common, options] { return verify(common, options->file); }; });

    auto* schema = app.add_subcommand("schema", "schemas of the files that users write");
    schema->require_subcommand(1);
    auto* export_command = schema->add_subcommand("export", "write JSON Schemas and the reference");
    export_command->add_option("folder", options->folder, "where to")->capture_default_str();
    export_command->callback([&common, options] {
        common.run = [&common, options] {
            auto written = export_config_files(options->folder);
            return written ? 0 : report(common, written.error());
        };
    });
    auto* openapi = schema->add_subcommand("openapi", "the admin API as OpenAPI, or as files into a folder");
    openapi->add_option("folder", options->api_folder, "where to; left out, openapi.json goes to standard output");
    openapi->callback([&common, options] {
        common.run = [&common, options] {
            auto written = export_api_files(options->api_folder);
            return written ? 0 : report(common, written.error());
        };
    });
}

}  // namespace tributary::app
