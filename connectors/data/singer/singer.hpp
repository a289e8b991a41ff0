// singer: taps of the Singer protocol as sources, targets as sinks; any executable that speaks it. README.md shows the
// settings and says what is promised.
#pragma once

#include <memory>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors {

Result<std::unique_ptr<connector::Connector>> make_singer(connector::Setup setup);

}  // namespace tributary::connectors
