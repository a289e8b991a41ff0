// The `sql` connector: tables and queries of SQLite and PostgreSQL as streams, upserts as actions. See README.md.
#pragma once

#include <memory>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors {

// bad_config with every problem of the settings. Opens nothing.
Result<std::unique_ptr<connector::Connector>> make_sql(connector::Setup setup);

}  // namespace tributary::connectors
