#include "gateway/store/sqlite/sqlite_prepared.hpp"

#include <sqlite3.h>

#include "gateway/store/sqlite/sqlite_connection.hpp"

namespace tributary::store {
namespace {

// A null pointer would bind NULL; an empty text is not NULL.
const char* data_of(std::string_view bytes) {
    return bytes.data() ? bytes.data() : "";
}

}  // namespace

SqlitePrepared::~SqlitePrepared() {
    sqlite3_finalize(statement_);
}

void SqlitePrepared::bind(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
}

void SqlitePrepared::bind_text(int index, std::string_view value) {
    sqlite3_bind_text64(statement_, index, data_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void SqlitePrepared::bind_blob(int index, std::string_view value) {
    sqlite3_bind_blob64(statement_, index, data_of(value), value.size(), SQLITE_STATIC);
}

void SqlitePrepared::bind_null(int index) {
    sqlite3_bind_null(statement_, index);
}

Result<bool> SqlitePrepared::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(connection_.error(code));
}

void SqlitePrepared::reset() {
    sqlite3_reset(statement_);
}

std::int64_t SqlitePrepared::changed() const {
    return sqlite3_changes64(connection_.handle());
}

std::int64_t SqlitePrepared::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view SqlitePrepared::bytes(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

bool SqlitePrepared::null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace tributary::store
