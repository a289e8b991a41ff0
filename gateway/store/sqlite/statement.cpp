#include "gateway/store/sqlite/statement.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "gateway/store/sqlite/names.hpp"

namespace tributary::store {
namespace {

// A null pointer would bind NULL; an empty text is not NULL.
const char* data_of(std::string_view bytes) {
    return bytes.data() ? bytes.data() : "";
}

}  // namespace

std::int64_t Row::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view Row::bytes(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {data, data ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
}

bool Row::null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Row::take(int column, Named& into) const {
    into.text = connection_.names().text(integer(column));
}

void Row::take(int column, Digest& into) const {
    const auto data = bytes(column);
    into = Digest{};
    std::copy_n(data.begin(), std::min(data.size(), into.size()), into.begin());
}

void Row::take(int column, Uid& into) const {
    const auto data = bytes(column);
    into = Uid{};
    std::copy_n(data.begin(), std::min(data.size(), into.bytes.size()), into.bytes.begin());
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Result<void> Statement::prepare() {
    const int code =
        sqlite3_prepare_v3(connection_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) return fail(connection_.error(code));
    return {};
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(connection_.error(code));
}

Result<void> Statement::end(Result<bool> outcome) {
    sqlite3_reset(statement_);
    if (!outcome) return pass(std::move(outcome));
    if (auto deferred = connection_.take_deferred()) return fail(std::move(*deferred));
    return {};
}

Result<std::int64_t> Statement::finish() {
    auto more = step();
    while (more && *more) more = step();
    CHECK_OK(end(std::move(more)));
    return sqlite3_changes64(connection_.handle());
}

void Statement::bind(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
}

void Statement::bind(int index, std::string_view value) {
    sqlite3_bind_text64(statement_, index, data_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind(int index, Blob value) {
    sqlite3_bind_blob64(statement_, index, data_of(value.bytes), value.bytes.size(), SQLITE_STATIC);
}

void Statement::bind(int index, std::nullopt_t) {
    sqlite3_bind_null(statement_, index);
}

void Statement::bind(int index, const Uid& value) {
    if (value.is_nil())
        bind(index, std::nullopt);
    else
        bind(index, Blob{value.view()});
}

}  // namespace tributary::store
