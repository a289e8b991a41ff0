// The `file` connector: CSV, NDJSON, JSON arrays and XML as streams, NDJSON and CSV files as destinations. See
// README.md.
#pragma once

#include <memory>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors {

// bad_config with every problem of the settings. Opens nothing.
Result<std::unique_ptr<connector::Connector>> make_file(connector::Setup setup);

}  // namespace tributary::connectors
