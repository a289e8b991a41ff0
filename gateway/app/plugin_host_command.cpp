// `plugin-host LIBRARY`: a plug-in in a process of its own, started by the gateway
// (connector/native/process_calls.cpp).
#include <CLI/CLI.hpp>

#include "gateway/app/connector_commands.hpp"
#include "gateway/connector/native/plugin_host.hpp"

namespace tributary::app {

void add_plugin_host(CLI::App& app, Common& common) {
    auto library = std::make_shared<std::string>();  // the callback holds it
    auto* command = app.add_subcommand("plugin-host", "serve a plug-in to the gateway that started this");
    command->group("");  // not shown: people do not call it
    command->add_option("library", *library)->required();
    command->callback(
        [&common, library] { common.run = [library] { return connector::native::serve_plugin(*library); }; });
}

}  // namespace tributary::app
