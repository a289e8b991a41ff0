// The commands that make, try and host connectors, each in a file of its own.
#pragma once

#include "gateway/app/commands.hpp"

namespace tributary::app {

void add_connector_new(CLI::App& group, Common& common);   // connector new, connector sdk
void add_connector_test(CLI::App& group, Common& common);  // connector test
void add_plugin_host(CLI::App& app, Common& common);       // plugin-host, which people do not call

}  // namespace tributary::app
