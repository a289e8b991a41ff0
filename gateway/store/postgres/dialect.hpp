// The SQL of the tables in PostgreSQL's words. Tables are written once, in SQLite's (store/sql); what differs is little
// and is rewritten here, token by token: strings, comments and quoted names stay as they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tributary::store {

struct PostgresStatement {
    std::string sql;
    // For each parameter ?N, at N: its number here, 0 when the text does not use it. PostgreSQL knows no unused ones.
    std::vector<int> places;
    int parameters = 0;
};

// ?N becomes $1, $2 and so on, x'' an empty bytea; INDEXED BY goes; "(?N IS NULL OR rest)" becomes "(rest OR $N IS
// NULL)", since PostgreSQL takes a parameter's type from where it stands first.
PostgresStatement postgres_statement(std::string_view sql);

// Types of columns. Texts compare by their bytes, as in SQLite.
std::string postgres_schema(std::string_view sql);

}  // namespace tributary::store
