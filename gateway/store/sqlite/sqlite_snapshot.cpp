#include "gateway/store/sqlite/sqlite_snapshot.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/store/sql/session_tables.hpp"
#include "gateway/store/sqlite/sqlite_connection.hpp"

namespace tributary::store {
namespace {

// Who was erased is read before what may be of them, records before what hangs on them, links before their customers;
// counters of numbers last, since laying rows moves them.
int order_of(std::string_view table) {
    if (table == "erasure") return 0;
    if (table == "source_record") return 1;
    if (table == "identity_link") return 2;
    return table == "sqlite_sequence" ? 4 : 3;
}

Cell cell_of(sqlite3_stmt* statement, int column) {
    const auto bytes = [&] {
        const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
        return std::string(data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    };
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, column)};
        case SQLITE_TEXT:
            return bytes();
        case SQLITE_BLOB:
            return Bytes{bytes()};
        default:
            return std::monostate();
    }
}

class SqliteSnapshot final : public Snapshot {
  public:
    explicit SqliteSnapshot(std::unique_ptr<SqliteConnection> connection)
        : connection_(std::move(connection)), session_(*connection_, {~std::uint64_t{0}, ~std::uint64_t{0}}) {}

    Result<void> begin() {
        CHECK_OK(session_.begin());
        // The first read is what pins the moment.
        TRY(const auto text, connection_->text("PRAGMA user_version"));
        TRY(const auto tables, connection_->text("SELECT count(*) FROM sqlite_master"));
        version_ = static_cast<std::uint32_t>(to_integer(text).value_or(0));
        return {};
    }
    std::uint32_t schema_version() const override { return version_; }
    ReadSession& session() override { return session_; }

    Result<std::vector<TableShape>> tables() override {
        std::vector<TableShape> tables;
        Statement list(*connection_,
                       "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = "
                       "'table' AND (m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR m.name = 'sqlite_sequence') "
                       "ORDER BY m.name, c.cid");
        CHECK_OK(list.each([&](const Row& row) {
            std::string table, column;
            row.read(table, column);
            if (tables.empty() || tables.back().name != table) tables.push_back({table, {}});
            tables.back().columns.push_back(std::move(column));
        }));
        std::ranges::sort(tables, {},
                          [](const TableShape& table) { return std::pair(order_of(table.name), table.name); });
        return tables;
    }

    Result<void> rows(const TableShape& table, const std::function<Result<void>(const Cells&)>& use) override {
        // Names come from the schema itself.
        const auto sql = fmt::format("SELECT \"{}\" FROM \"{}\"", join(table.columns, "\", \""), table.name);
        sqlite3_stmt* statement = nullptr;
        int code = sqlite3_prepare_v2(connection_->handle(), sql.c_str(), -1, &statement, nullptr);
        if (code != SQLITE_OK) return fail(connection_->error(code));
        Result<void> outcome;
        Cells cells(table.columns.size());
        while (outcome && (code = sqlite3_step(statement)) == SQLITE_ROW) {
            for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = cell_of(statement, static_cast<int>(i));
            outcome = use(cells);
        }
        if (outcome && code != SQLITE_DONE) outcome = fail(connection_->error(code));
        sqlite3_finalize(statement);
        return outcome;
    }

  private:
    std::unique_ptr<SqliteConnection> connection_;
    SqlReadSession session_;
    std::uint32_t version_ = 0;
};

}  // namespace

Result<std::unique_ptr<Snapshot>> open_snapshot(const std::filesystem::path& database) {
    TRY(auto connection, SqliteConnection::open(database, SqliteConnection::Mode::read_only));
    auto snapshot = std::make_unique<SqliteSnapshot>(std::move(connection));
    CHECK_OK(snapshot->begin());
    return snapshot;
}

}  // namespace tributary::store
