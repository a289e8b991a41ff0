// RowTree: a row with its children, read for a whole page with one query for each kind of child.
#pragma once

#include <vector>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/sql_settings.hpp"

namespace tributary::connectors::sql {

struct RowTree {
    Row row;
    std::vector<std::vector<RowTree>> children;  // as the stream or child lists them
};

// The columns wanted, all of which exist, `needed` among them; bad_config with the nearest name otherwise.
Result<std::vector<std::string>> chosen_columns(Database& database, const Selection& rows,
                                                const std::vector<std::string>& needed);
// That the children's tables and columns exist and no name collides with a column of the parent.
Result<void> check_children(Database& database, const std::vector<Child>& children,
                            const std::vector<std::string>& parent_columns, const std::string& parent_key);

// `parent_key` is the column that children without `parent` refer to.
Result<std::vector<RowTree>> with_children(Database& database, std::vector<Row> rows,
                                           const std::vector<Child>& children, const std::string& parent_key);

// The row as one JSON object. An error of any row in the tree: nothing is passed on in part.
Result<std::string> to_json(const RowTree& tree, const std::vector<Child>& children);

}  // namespace tributary::connectors::sql
