// The statements of one sink action, made from a record. Pure, but for the columns that the table has.
#pragma once

#include <string>
#include <vector>

#include "connectors/data/sql/keyset.hpp"

namespace tributary::connectors::sql {

struct TableColumns {
    std::vector<std::string> all, rounding;
};

// bad_input: the record is no object, has no columns, lacks a key column, or names a column that the table has not
// (with the nearest).
Result<Statement> upsert_statement(const Action& action, const TableColumns& columns, value::Node record,
                                   const Database& database);
// For databases that know no ON CONFLICT, in one transaction: the update; when it changed nothing and no row is found,
// the insert. Other unique indexes than the key stay what they are: constraints.
struct UpdateOrInsert {
    std::optional<Statement> update;  // nullopt: a row that exists stays as it is
    Statement exists;                 // one row with `found`
    Statement insert;
};
Result<UpdateOrInsert> update_or_insert(const Action& action, const TableColumns& columns, value::Node record,
                                        const Database& database);
// By the record's key; a record without one may give it as `remote_id`.
Result<Statement> delete_statement(const Action& action, value::Node record,
                                   const std::optional<std::string>& remote_id, const Database& database);

}  // namespace tributary::connectors::sql
