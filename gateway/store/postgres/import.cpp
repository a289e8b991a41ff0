#include "gateway/store/postgres/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/store/postgres/postgres_link.hpp"
#include "gateway/store/postgres/postgres_schema.hpp"
#include "gateway/store/sql/schema.hpp"
#include "gateway/store/sqlite/lock_file.hpp"
#include "gateway/store/sqlite/sqlite_snapshot.hpp"
#include "gateway/store/sqlite/sqlite_store.hpp"

namespace tributary::store {
namespace {

constexpr std::size_t kPiece = 1 << 20;
constexpr std::string_view kNumbers = "sqlite_sequence";  // SQLite's own: the highest id that each table ever gave

std::string in_quotes(std::string_view name) {
    return fmt::format("\"{}\"", name);
}

std::string literal(std::string_view text) {
    return "'" + replace_all(text, "'", "''") + "'";
}

void add_text(std::string& into, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '\\':
                into += "\\\\";
                break;
            case '\n':
                into += "\\n";
                break;
            case '\r':
                into += "\\r";
                break;
            case '\t':
                into += "\\t";
                break;
            default:
                into += c;
        }
    }
}

// A cell in the text form of COPY.
Result<void> add_cell(std::string& into, const Cell& cell) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
        into += std::to_string(*number);
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
        if (text->contains('\0'))
            return fail(Fault::bad_input, "a text holds a NUL character, which PostgreSQL cannot keep");
        add_text(into, *text);
    } else if (const auto* bytes = std::get_if<Bytes>(&cell)) {
        into += "\\\\x" + to_hex(bytes->bytes);
    } else {
        into += "\\N";
    }
    return {};
}

class Import {
  public:
    Import(Snapshot& from, PostgresLink& to) : from_(from), to_(to) {}

    Result<void> claim(const std::string& source) {
        TRY(const auto begun, to_.script("SELECT source, finished FROM store_import"));
        if (PQntuples(begun.get()) > 0) {
            if (PQgetvalue(begun.get(), 0, 1) == std::string_view("t"))
                return fail(Fault::conflict, "a store was moved into this database already");
            if (PQgetvalue(begun.get(), 0, 0) != source)
                return fail(Fault::conflict,
                            "a part of another store, or of this one before it changed, is in this database: give an "
                            "empty one");
            return {};
        }
        TRY(const auto held, to_.script("SELECT (SELECT count(*) FROM name) + (SELECT count(*) FROM audit)"));
        if (PQgetvalue(held.get(), 0, 0) != std::string_view("0"))
            return fail(Fault::conflict, "this database holds a store already: give an empty one");
        CHECK_OK(to_.script(fmt::format("INSERT INTO store_import VALUES (1, {}, false)", literal(source))));
        return {};
    }

    Result<std::uint64_t> table(const TableShape& shape, bool& kept) {
        TRY(const auto known, to_.script("SELECT rows FROM store_import_table WHERE name = " + literal(shape.name)));
        kept = PQntuples(known.get()) > 0;
        if (kept) return static_cast<std::uint64_t>(to_integer(PQgetvalue(known.get(), 0, 0)).value_or(0));
        CHECK_OK(to_.script("BEGIN"));
        auto rows = shape.name == kNumbers ? numbers(shape) : copy(shape);
        if (rows) {
            auto noted = to_.script(
                fmt::format("INSERT INTO store_import_table VALUES ({}, {}); COMMIT", literal(shape.name), *rows));
            if (!noted) rows = pass(std::move(noted));
        }
        if (!rows && to_.alive()) std::ignore = to_.script("ROLLBACK");  // the first error is told
        if (!rows) return pass(std::move(rows), "table " + shape.name);
        return rows;
    }

    Result<void> verify(const TableShape& shape, std::uint64_t rows) {
        if (shape.name == kNumbers) return {};
        TRY(const auto there, to_.script("SELECT count(*) FROM " + in_quotes(shape.name)));
        const auto found = to_integer(PQgetvalue(there.get(), 0, 0)).value_or(-1);
        if (found == static_cast<std::int64_t>(rows)) return {};
        return fail(Fault::internal, fmt::format("{} rows were moved and {} are there", rows, found),
                    "table " + shape.name);
    }

    Result<void> finish() {
        CHECK_OK(to_.script("UPDATE store_import SET finished = true"));
        CHECK_OK(to_.script("ANALYZE"));
        return {};
    }

  private:
    Result<std::uint64_t> copy(const TableShape& shape) {
        std::vector<std::string> columns;
        for (const auto& column : shape.columns) columns.push_back(in_quotes(column));
        CHECK_OK(to_.begin_copy(fmt::format("COPY {} ({}) FROM STDIN", in_quotes(shape.name), join(columns, ", "))));
        std::uint64_t rows = 0;
        std::string piece;
        auto read = from_.rows(shape, [&](const Cells& cells) -> Result<void> {
            for (std::size_t i = 0; i < cells.size(); ++i) {
                if (i > 0) piece += '\t';
                CHECK_OK(add_cell(piece, cells[i]));
            }
            piece += '\n';
            ++rows;
            if (piece.size() < kPiece) return {};
            auto put = to_.put_copy(piece);
            piece.clear();
            return put;
        });
        if (read && !piece.empty()) read = to_.put_copy(piece);
        if (!read) {
            to_.drop();  // what came so far must not become a table
            return pass(std::move(read));
        }
        CHECK_OK(to_.finish_copy());
        CHECK_OK(go_on_counting(shape.name, 0));
        return rows;
    }

    // Where the ids of a table come from the engine, they go on after the highest.
    Result<void> go_on_counting(const std::string& table, std::int64_t least) {
        TRY(const auto counted,
            to_.script("SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND "
                       "is_identity = 'YES' AND table_name = " +
                       literal(table)));
        if (PQntuples(counted.get()) == 0) return {};
        const std::string column = PQgetvalue(counted.get(), 0, 0);
        CHECK_OK(to_.script(
            fmt::format("SELECT setval(pg_get_serial_sequence({0}, {1}), greatest((SELECT "
                        "coalesce(max({2}), 0) FROM {3}), {4}) + 1, "
                        "false)",
                        literal(in_quotes(table)), literal(column), in_quotes(column), in_quotes(table), least)));
        return {};
    }

    Result<std::uint64_t> numbers(const TableShape& shape) {
        std::vector<std::pair<std::string, std::int64_t>> highest;
        CHECK_OK(from_.rows(shape, [&](const Cells& cells) -> Result<void> {
            const auto* table = std::get_if<std::string>(&cells[0]);
            const auto* number = std::get_if<std::int64_t>(&cells[1]);
            if (table && number) highest.emplace_back(*table, *number);
            return {};
        }));
        for (const auto& [table, number] : highest) CHECK_OK(go_on_counting(table, number));
        return highest.size();
    }

    Snapshot& from_;
    PostgresLink& to_;
};

// A gateway that ran meanwhile left an entry in its trail.
Result<std::string> source_of(const std::filesystem::path& file, Snapshot& snapshot) {
    TRY(const auto last, snapshot.session().audit().last());
    return fmt::format("{} at audit entry {} {}", std::filesystem::absolute(file).string(), last ? last->seq : 0,
                       last ? to_hex({reinterpret_cast<const char*>(last->chain.data()), last->chain.size()}) : "");
}

}  // namespace

Result<Imported> import_sqlite(const std::filesystem::path& file, const std::string& dsn, const Clock& clock, Log& log,
                               const std::function<void(const std::string&, std::uint64_t)>& moved) {
    if (!std::filesystem::exists(file)) return fail(Fault::not_found, "there is no store to move", file.string());
    {
        // Its check after an unclean end, its newest schema, and no leases of a process that is gone.
        TRY(const auto opened, open_sqlite({.path = file}, clock, log));
        opened->stop();
    }
    TRY(const auto lock, LockFile::acquire(file.string() + ".lock"));
    TRY(const auto snapshot, open_snapshot(file));
    TRY(const auto source, source_of(file, *snapshot));
    PostgresLink link(dsn);
    CHECK_OK(link.connect());
    CHECK_OK(migrate_postgres(link, log));
    Import import(*snapshot, link);
    CHECK_OK(import.claim(source));
    TRY(const auto tables, snapshot->tables());
    Imported done;
    std::map<std::string, std::uint64_t> rows;
    for (const auto& table : tables) {
        bool kept = false;
        TRY(rows[table.name], import.table(table, kept));
        done.kept += kept;
        moved(table.name, rows[table.name]);
    }
    for (const auto& table : tables) {
        CHECK_OK(import.verify(table, rows[table.name]));
        ++done.tables;
        done.rows += rows[table.name];
    }
    CHECK_OK(import.finish());
    return done;
}

}  // namespace tributary::store
