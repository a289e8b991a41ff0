#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"
#include "gateway/store/sql/statement.hpp"
#include "gateway/store/sqlite/migrate.hpp"
#include "gateway/store/sqlite/sqlite_snapshot.hpp"
#include "gateway/store/sqlite/startup.hpp"

namespace tributary::store {
namespace {

// It is synced as a whole at the end; a crash before leaves a draft.
constexpr const char* kQuick = "PRAGMA synchronous=OFF";
constexpr const char* kDurable = "PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE)";
constexpr std::array kFences{"UPDATE lane SET epoch = epoch + 1000000000",
                             "UPDATE lease SET token = token + 1000000000",
                             "UPDATE cred_state SET fence = fence + 1000000000"};
constexpr const char* kLanes =
    "UPDATE lane SET depth = (SELECT count(*) FROM item WHERE item.lane = lane.id), head_at = "
    "coalesce((SELECT created_at FROM item WHERE item.lane = lane.id ORDER BY seq LIMIT 1), head_at) WHERE depth <> "
    "(SELECT count(*) FROM item WHERE item.lane = lane.id)";

class SqliteRebuild final : public Rebuild {
  public:
    SqliteRebuild(std::filesystem::path file, std::unique_ptr<SqliteConnection> connection)
        : file_(std::move(file)), connection_(std::move(connection)) {}
    ~SqliteRebuild() override {
        end_table();
        connection_.reset();
        if (!finished_) remove_database(file_);
    }

    Result<void> begin(std::uint32_t version) {
        const auto steps = migrations();
        if (version == 0 || version > steps.size())
            return fail(Fault::bad_config,
                        fmt::format("the rows are of schema version {}, this program knows up to {}: "
                                    "run the newer program",
                                    version, steps.size()));
        CHECK_OK(connection_->execute(kQuick));
        CHECK_OK(migrate(*connection_, steps.first(version)));
        return connection_->execute("BEGIN IMMEDIATE");
    }

    Result<void> table(const TableShape& table) override {
        end_table();
        std::vector<std::string> columns;
        Statement known(*connection_, "SELECT name FROM pragma_table_info(?1) ORDER BY cid");
        CHECK_OK(known.each([&](const Row& row) { row.read(columns.emplace_back()); }, table.name));
        // So the names are those of the schema, and safe to stand in a statement.
        if (columns.empty() || columns != table.columns)
            return fail(Fault::bad_input, "the schema has no table of this name with these columns", table.name);
        if (table.name == "sqlite_sequence") CHECK_OK(connection_->execute("DELETE FROM sqlite_sequence"));
        std::string places = "?";
        for (std::size_t i = 1; i < columns.size(); ++i) places += ", ?";
        const auto sql =
            fmt::format("INSERT INTO \"{}\" (\"{}\") VALUES ({})", table.name, join(columns, "\", \""), places);
        const int code = sqlite3_prepare_v2(connection_->handle(), sql.c_str(), -1, &insert_, nullptr);
        if (code != SQLITE_OK) return fail(connection_->error(code));
        return {};
    }

    Result<void> row(const Cells& cells) override {
        if (!insert_ || cells.size() != static_cast<std::size_t>(sqlite3_bind_parameter_count(insert_)))
            return fail(Fault::bad_input, "a row has another number of cells than its table");
        for (std::size_t i = 0; i < cells.size(); ++i) bind(static_cast<int>(i) + 1, cells[i]);
        const int code = sqlite3_step(insert_);
        sqlite3_reset(insert_);
        if (code != SQLITE_DONE) return fail(connection_->error(code));
        return {};
    }

    Result<void> finish() override {
        end_table();
        CHECK_OK(connection_->execute(kLanes));
        for (const auto* fence : kFences) {
            const auto name = split(fence, ' ')[1];
            Statement known(*connection_, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1");
            TRY(const auto there, known.first([](const Row&) {}, name));
            if (there) CHECK_OK(connection_->execute(fence));
        }
        CHECK_OK(connection_->execute("COMMIT"));
        CHECK_OK(connection_->execute(kDurable));
        TRY(const auto sound, connection_->text("PRAGMA quick_check(1)"));
        if (sound != "ok") return fail(SqliteConnection::damage());
        finished_ = true;
        connection_.reset();
        return {};
    }

  private:
    void bind(int at, const Cell& cell) {
        if (const auto* number = std::get_if<std::int64_t>(&cell))
            sqlite3_bind_int64(insert_, at, *number);
        else if (const auto* text = std::get_if<std::string>(&cell))
            sqlite3_bind_text64(insert_, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
        else if (const auto* blob = std::get_if<Bytes>(&cell))
            sqlite3_bind_blob64(insert_, at, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
        else
            sqlite3_bind_null(insert_, at);
    }
    void end_table() {
        sqlite3_finalize(insert_);
        insert_ = nullptr;
    }

    std::filesystem::path file_;
    std::unique_ptr<SqliteConnection> connection_;
    sqlite3_stmt* insert_ = nullptr;
    bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<Rebuild>> rebuild_sqlite(const std::filesystem::path& file, std::uint32_t schema_version) {
    CHECK_OK(prepare_directory(file));
    TRY(const bool existed, create_file(file));
    if (existed) return fail(Fault::conflict, "there is a file of this name", file.string());
    TRY(auto connection, SqliteConnection::open(file, SqliteConnection::Mode::read_write));
    auto rebuild = std::make_unique<SqliteRebuild>(file, std::move(connection));
    CHECK_OK(rebuild->begin(schema_version));
    return rebuild;
}

void remove_database(const std::filesystem::path& database) {
    std::error_code ignored;  // there may be none
    for (const auto* beside : {"", "-wal", "-shm", "-journal", ".lock"})
        std::filesystem::remove(database.string() + beside, ignored);
}

}  // namespace tributary::store
