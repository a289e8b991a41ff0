// Brings a PostgreSQL database to the newest schema: the steps of store/sql/schema.hpp in PostgreSQL's words, and what
// it needs of its own. The version stands in a table; several processes may start at once.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/log.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

class PostgresLink;

// In order; the n-th entry leads from version n to n + 1. Append-only.
const std::vector<std::string>& postgres_steps();

// bad_config: a newer schema, an encoding other than UTF-8, a server before 13, or no right to make tables.
Result<void> migrate_postgres(PostgresLink& link, Log& log);

}  // namespace tributary::store
