// NativeConnector: a connection that runs on a plug-in's shared library, with the roles that the library says it has.
//
// Streams and actions are asked of the library at the first call; until then a connection has both roles, and names are
// checked when they are used.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/connector/description.hpp"
#include "gateway/connector/native/calls.hpp"
#include "gateway/connector/native/native_rule.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connector {

// Where the rule's library lies.
std::filesystem::path library_of(const NativeRule& rule, const Description& about);

// `host`: the command that serves a plug-in in a process of its own (native/plugin_host.hpp), without the library.
// bad_config: the library cannot be used.
Result<std::unique_ptr<Connector>> make_native(const NativeRule& rule, const Description& about, Setup setup,
                                               std::vector<std::string> host);

}  // namespace tributary::connector
