// What the doctor looks at: one part is known to a gateway alone, one to the command that asks.
#pragma once

#include "gateway/app/config.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;

// The members that need an open store. Blocks.
Result<value::Document> inner_snapshot(Gateway& gateway);
// Files, disk, certificates; with `stopped` also whether the ports are free. Members of an open object.
void write_outer_snapshot(value::Builder& out, const Config& config, bool stopped);

}  // namespace tributary::app
