// One value of a row, and one parameter, through ODBC. Internal to odbc_database.cpp.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <string>
#include <vector>

#include "connectors/data/sql/database.hpp"

namespace tributary::connectors::sql {

struct OdbcColumn {
    std::string name;
    SQLSMALLINT type = 0, digits = 0;
};

// Reads the column of the current row into `out`. False: the driver failed, ask it why. `error`: a value without a JSON
// form, written as null.
bool read_odbc(SQLHSTMT statement, SQLUSMALLINT at, const OdbcColumn& column, value::Builder& out,
               std::optional<Error>& error);

// Parameters in the form that a driver takes; what is bound lives as long as this.
class OdbcParameters {
  public:
    explicit OdbcParameters(const std::vector<Parameter>& parameters);
    // bad_input: a text that is not UTF-8. A driver that refuses is asked by the caller.
    Result<bool> bind(SQLHSTMT statement);

  private:
    struct Cell {
        SQLBIGINT integer = 0;
        unsigned char bit = 0;
        std::string digits;
        std::u16string text;
        SQLLEN length = 0;
    };
    const std::vector<Parameter>& parameters_;
    std::vector<Cell> cells_;  // never moved
};

}  // namespace tributary::connectors::sql
