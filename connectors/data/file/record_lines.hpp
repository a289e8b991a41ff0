// What a record is in a file: an NDJSON line or a CSV row. Pure.
#pragma once

#include <string>

#include "connectors/data/file/file_settings.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::file {

// Appends it; a deletion carries `_deleted`. bad_input: no object, or a member that is no column.
Result<void> add_item(const Action& action, const connector::Push& item, std::string& out);

}  // namespace tributary::connectors::file
