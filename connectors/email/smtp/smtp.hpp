// The `smtp` connector: one templated mail for each record. See README.md.
#pragma once

#include <memory>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors {

// bad_config with every problem of the settings and templates. Opens no socket.
Result<std::unique_ptr<connector::Connector>> make_smtp(connector::Setup setup);

}  // namespace tributary::connectors
