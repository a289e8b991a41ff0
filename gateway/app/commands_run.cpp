#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway_desk.hpp"
#include "gateway/app/running_gateway.hpp"
#include "gateway/app/share.hpp"

namespace tributary::app {
namespace {

// The catalogue, or nullptr with every problem printed.
std::unique_ptr<Catalogue> checked(const Common& common) {
    spec::Problems problems;
    auto catalogue = load_catalogue(common.config, share_folder(), problems);
    std::cerr << problems.text();
    return catalogue;
}

int check(const Common& common) {
    spec::Problems problems;
    auto catalogue = load_catalogue(common.config, share_folder(), problems);
    if (common.json) {
        value::Builder out;
        out.begin_object().key("ok").boolean(catalogue != nullptr).key("problems").begin_array();
        for (const auto& problem : problems.sorted()) {
            out.begin_object().key("file").text(problem.place.file).key("line").integer(problem.place.mark.line);
            out.key("column").integer(problem.place.mark.column).key("path").text(problem.place.path);
            out.key("message").text(problem.message).key("warning").boolean(problem.warning).end();
        }
        out.end().end();
        auto document = out.take();
        print(common, document.root());
        return catalogue ? 0 : 1;
    }
    std::cerr << problems.text();
    if (!catalogue) return 1;
    const auto& config = catalogue->config;
    std::cout << common.config.string() << ": ok, " << config.connections.size() << " connections, "
              << config.deliveries.size() << " deliveries, " << catalogue->plans.size() << " mappings, "
              << catalogue->connectors.list().size() << " connectors\n";
    return 0;
}

int run(const Common& common) {
    auto catalogue = checked(common);
    if (!catalogue) return 1;
    Log log(std::min(common.log_level, catalogue->config.log_level));
    auto foundation = Foundation::open(catalogue->config, log);
    if (!foundation) return report(common, foundation.error());
    auto gateway = Gateway::open(std::move(catalogue), *std::move(foundation), log);
    if (!gateway) return report(common, gateway.error());
    RunningGateway running(*std::move(gateway), common.log_level);
    if (auto started = running.start(); !started) return report(common, started.error());
    auto ended = running.wait();
    log.flush();
    return ended ? 0 : report(common, ended.error());
}

int reload(const Common& common) {
    value::Builder none;
    none.begin_object();
    const auto answer = ask_desk(common, "config.reload", std::move(none));
    if (!answer) return report(common, answer.error());
    if (common.json) {
        print(common, answer->root());
        return 0;
    }
    std::cout << common.config.string() << ": taken up, " << answer->root().find("connections").integer()
              << " connections, " << answer->root().find("deliveries").integer() << " deliveries\n";
    return 0;
}

int init(const Common& common) {
    spec::Problems problems;
    Environment environment;
    auto config = load_config(common.config, share_folder(), environment, problems);
    std::cerr << problems.text();
    if (!config) return 1;
    auto made = initialise(*config);
    if (!made) return report(common, made.error());
    if (common.json) {
        value::Builder out;
        out.begin_object().key("made").begin_array();
        for (const auto& file : *made) out.text(file.string());
        out.end().end();
        auto document = out.take();
        print(common, document.root());
        return 0;
    }
    for (const auto& file : *made) std::cout << "made " << file.string() << '\n';
    if (made->empty())
        std::cout << "nothing to do: master key and key ring are there\n";
    else
        std::cout << "keep a copy of both elsewhere: without them the store cannot be read\n";
    return 0;
}

}  // namespace

void add_run_commands(CLI::App& app, Common& common) {
    app.add_subcommand("run", "run the gateway until a signal stops it")->callback([&] {
        common.run = [&] { return run(common); };
    });
    app.add_subcommand("reload", "the gateway that runs takes up the files as they are now, or says what is wrong")
        ->callback([&] { common.run = [&] { return reload(common); }; });
    app.add_subcommand("check", "load everything, report every problem, open no socket")->callback([&] {
        common.run = [&] { return check(common); };
    });
    app.add_subcommand("init", "make the master key and the key ring where they are missing")->callback([&] {
        common.run = [&] { return init(common); };
    });
}

}  // namespace tributary::app
