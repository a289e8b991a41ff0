// What libmariadb gives for a row, and what its error codes mean. Internal to mysql_database.cpp.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/data/sql/database.hpp"

namespace tributary::connectors::sql {

// The numbers of MySQL's and MariaDB's error references (1000: server, 2000: client).
Fault fault_of_mysql(unsigned code, std::string_view state);
// In words of our own, since the server's quote values; "" when there are none.
std::string_view meaning_of_mysql(unsigned code);

// Integers, floats and times are fetched into place; everything else as its bytes, whose length is known only then.
class MysqlRowReader {
  public:
    // REQUIRES: `fields` outlives this.
    MysqlRowReader(const MYSQL_FIELD* fields, unsigned count);
    MYSQL_BIND* binds() { return binds_.data(); }
    // The row that mysql_stmt_fetch() gave last.
    Row read(MYSQL_STMT* statement);

  private:
    struct Cell {
        std::int64_t integer = 0;
        double real = 0;
        float single = 0;
        MYSQL_TIME time{};
        unsigned long length = 0;
        my_bool null = 0, cut = 0;
    };
    void add(unsigned column, MYSQL_STMT* statement, value::Builder& out, std::optional<Error>& error);

    const MYSQL_FIELD* fields_;
    std::vector<MYSQL_BIND> binds_;
    std::vector<Cell> cells_;  // never moved: binds point into it
    std::string bytes_;
};

}  // namespace tributary::connectors::sql
