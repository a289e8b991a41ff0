// How backups and drills are told, by operations and by commands that need no gateway.
#pragma once

#include "gateway/backup/folder.hpp"
#include "gateway/flow/restore_drill.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

void write_file(value::Builder& out, const backup::File& file);
void write_drill(value::Builder& out, const flow::DrillOutcome& outcome);

}  // namespace tributary::app
