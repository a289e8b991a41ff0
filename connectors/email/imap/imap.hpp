// The `imap` connector: the folders of a mailbox as streams. See README.md.
#pragma once

#include <memory>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors {

// bad_config with every problem of the settings. Opens no socket.
Result<std::unique_ptr<connector::Connector>> make_imap(connector::Setup setup);

}  // namespace tributary::connectors
