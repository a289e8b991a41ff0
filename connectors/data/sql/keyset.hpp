// Keyset: where a stream stands, and the statement that reads the next page. Pure.
//
// Rows are read in the order (cursor column, key columns) and a page goes on behind the last tuple, so rows of equal
// time are never skipped and no page costs more than the first. Rows without a cursor value come first, in every run:
// nothing tells whether they changed.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/data/sql/database.hpp"
#include "connectors/data/sql/sql_settings.hpp"

namespace tributary::connectors::sql {

struct Keyset {
    bool nulls = false;               // reading the rows without a cursor value
    std::vector<Parameter> null_key;  // their last key; empty: from the first
    std::vector<Parameter> after;     // the last (cursor, key...) or (key...); empty: from the first.
                                      // A cursor value alone: from there on, it included

    // The beginning of a run: with a cursor column, empty or as end_of_run() left it.
    bool starts_run(const Stream& stream) const {
        return stream.cursor.empty() ? after.empty() : nulls && null_key.empty();
    }
};

// "" is the beginning. bad_input when it is not what write_keyset wrote.
Result<Keyset> read_keyset(std::string_view json, const Stream& stream);
std::string write_keyset(const Keyset& keyset);

// Moves behind the last row of a page.
void advance(Keyset& keyset, const Stream& stream, value::Node last_row);
// Where the next run begins: back to the rows without a cursor value, and earlier by the look-back. A full read (no
// cursor column) begins anew.
void end_run(Keyset& keyset, const Stream& stream);

struct Statement {
    std::string text;
    std::vector<Parameter> parameters;
};
Statement page_statement(const Stream& stream, const std::vector<std::string>& columns, const Keyset& keyset,
                         const Database& database);
// One row with `all_rows` of the run and `keyless_rows`: those of them without a key, which cannot be read.
Statement count_statement(const Stream& stream, const Keyset& keyset, const Database& database);
// The row of one external id.
Result<Statement> row_statement(const Stream& stream, const std::vector<std::string>& columns,
                                std::string_view external_id, const Database& database);

// The key as text: one column as it is, several joined by ':' with '%' and ':' escaped in each.
// Fault::bad_input when a key column is null.
Result<std::string> external_id(const std::vector<std::string>& key, value::Node row);
std::vector<std::string> split_external_id(std::size_t columns, std::string_view id);

}  // namespace tributary::connectors::sql
