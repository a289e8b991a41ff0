#include "connectors/data/sql/source.hpp"

#include <fmt/format.h>

#include "connectors/data/sql/row_tree.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::sql {

using connector::Cursor;
using connector::Page;
using connector::SourceRecord;

namespace {

std::vector<std::string> needed_columns(const Stream& stream) {
    auto needed = stream.key;
    if (!stream.cursor.empty()) needed.push_back(stream.cursor);
    for (const auto& child : stream.children) {
        if (!child.parent.empty()) needed.push_back(child.parent);
    }
    return needed;
}

Result<void> check_stream(Database& database, const Stream& stream) {
    TRY(const auto columns, chosen_columns(database, stream.rows, needed_columns(stream)));
    CHECK_OK(check_children(database, stream.children, columns, stream.key.front()));
    Keyset keyset;
    const auto page = page_statement(stream, columns, keyset, database);
    return database.prepare(page.text);
}

// How many rows the run will read, and the ones that it cannot: both are told once, at its beginning.
Result<void> count(Database& database, const Stream& stream, const Keyset& keyset, Page& page) {
    const auto statement = count_statement(stream, keyset, database);
    TRY(const auto rows, database.query(statement.text, statement.parameters));
    const auto counted = rows.front().columns.root();
    const auto keyless = counted.find("keyless_rows").integer();
    page.total = static_cast<std::uint64_t>(counted.find("all_rows").integer() - keyless);
    if (keyless > 0) {
        auto what = fmt::format("{} rows have no value in a key column ({}) and cannot be read", keyless,
                                join(stream.key, ", "));
        page.broken.push_back({"rows without a key", "", Error{Fault::bad_input, std::move(what)}});
    }
    return {};
}

Result<std::size_t> read_rows(Database& database, const Stream& stream, const std::vector<std::string>& columns,
                              Keyset& keyset, Page& page) {
    const auto statement = page_statement(stream, columns, keyset, database);
    TRY(auto rows, database.query(statement.text, statement.parameters));
    const auto count = rows.size();
    if (count == 0) return count;
    advance(keyset, stream, rows.back().columns.root());
    TRY(const auto trees, with_children(database, std::move(rows), stream.children, stream.key.front()));
    for (const auto& tree : trees) {
        auto id = external_id(stream.key, tree.row.columns.root());
        auto json = to_json(tree, stream.children);
        if (id && json) {
            page.records.push_back({std::move(*id), std::move(*json)});
        } else {
            page.broken.push_back({id ? "row " + *id : "a row without a key", "", id ? json.error() : id.error()});
        }
    }
    return count;
}

}  // namespace

Result<const Stream*> SqlSource::find(const std::string& name) const {
    if (const auto found = settings_.streams.find(name); found != settings_.streams.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, stream] : settings_.streams) names.push_back(known);
    return fail(Fault::bad_config,
                fmt::format("there is no stream {}; settings.streams has {}", name, join(names, ", ")));
}

Result<Page> SqlSource::read(const std::string& name, const Cursor& cursor) {
    TRY(const auto* const stream, find(name));
    TRY(auto keyset, read_keyset(cursor.json, *stream));
    return session_.with([&](Database& database) -> Result<Page> {
        Page page;
        TRY(const auto columns, chosen_columns(database, stream->rows, needed_columns(*stream)));
        if (stream->count && keyset.starts_run(*stream)) CHECK_OK(count(database, *stream, keyset, page));
        TRY(auto rows, read_rows(database, *stream, columns, keyset, page));
        if (keyset.nulls && rows < stream->page) {
            keyset.nulls = false;
            if (rows == 0) {
                TRY(rows, read_rows(database, *stream, columns, keyset, page));
                page.last = rows < stream->page;
            }
        } else {
            page.last = rows < stream->page;
        }
        if (page.last) end_run(keyset, *stream);
        const bool anew = page.last && stream->cursor.empty();
        page.cursor.json = anew ? "" : write_keyset(keyset);
        return page;
    });
}

run::Task<Result<Page>> SqlSource::pull(std::string stream, Cursor cursor) {
    co_return co_await run::on(
        pool_, [this, stream = std::move(stream), cursor = std::move(cursor)] { return read(stream, cursor); });
}

run::Task<Result<SourceRecord>> SqlSource::fetch(std::string name, std::string id) {
    co_return co_await run::on(pool_, [this, name = std::move(name), id = std::move(id)]() -> Result<SourceRecord> {
        TRY(const auto* const stream, find(name));
        return session_.with([&](Database& database) -> Result<SourceRecord> {
            TRY(const auto columns, chosen_columns(database, stream->rows, needed_columns(*stream)));
            TRY(const auto statement, row_statement(*stream, columns, id, database));
            TRY(auto rows, database.query(statement.text, statement.parameters));
            if (rows.empty()) return fail(Fault::not_found, "there is no such row");
            TRY(const auto trees, with_children(database, std::move(rows), stream->children, stream->key.front()));
            TRY(auto json, to_json(trees.front(), stream->children));
            return SourceRecord{id, std::move(json)};
        });
    });
}

Result<void> SqlSource::check() {
    return session_.with([&](Database& database) -> Result<void> {
        for (const auto& [name, stream] : settings_.streams) {
            if (auto checked = check_stream(database, stream); !checked)
                return pass(std::move(checked), "stream " + name);
        }
        return {};
    });
}

}  // namespace tributary::connectors::sql
