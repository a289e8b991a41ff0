#include "connectors/data/sql/upsert.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/ascii.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::sql {

namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

// Significant digits, zeros at the end of a whole number included.
std::ptrdiff_t digits_of(std::string_view number) {
    number = number.substr(0, number.find_first_of("eE"));
    number.remove_prefix(std::min(number.find_first_not_of("-0."), number.size()));
    return std::ranges::count_if(number, is_digit);
}

// The record's members that are columns, checked, as what a statement needs of them.
struct Cell {
    std::string column;  // quoted
    Parameter value;
    bool key = false;
};
Result<std::vector<Cell>> cells_of(const Action& action, const TableColumns& columns, value::Node record,
                                   const Dialect& dialect) {
    if (!record.is(value::Kind::object)) return fail(Fault::bad_input, "the record must be an object");
    for (const auto& column : action.key) {
        if (!record.find(column))
            return fail(Fault::bad_input, fmt::format("the record has no {}, a key column", column));
    }
    std::vector<Cell> cells;
    for (auto member : record) {
        const std::string name(member.key());
        if (!holds(columns.all, name)) {
            const auto meant = nearest(name, columns.all);
            return fail(Fault::bad_input,
                        fmt::format("the table has no column {}{}", name, meant ? ", but " + *meant : ""));
        }
        if (member.is(value::Kind::decimal) && digits_of(member.text()) > 15 && holds(columns.rounding, name)) {
            return fail(Fault::bad_input,
                        fmt::format("column {} would round this decimal: declare it as text (SQLite) or "
                                    "numeric (the others)",
                                    name));
        }
        cells.push_back({dialect.name(name), parameter_of(member), holds(action.key, name)});
    }
    return cells;
}

// "a = ?" for each of them, their values added to the parameters.
std::string assigned(const std::vector<Cell>& cells, bool key, std::string_view separator, const Database& database,
                     std::vector<Parameter>& parameters) {
    std::vector<std::string> out;
    for (const auto& cell : cells) {
        if (cell.key != key) continue;
        parameters.push_back(cell.value);
        out.push_back(fmt::format("{} = {}", cell.column, database.placeholder(parameters.size())));
    }
    return join(out, separator);
}

Statement insert_statement(const Action& action, const std::vector<Cell>& cells, const Database& database) {
    Statement statement;
    std::vector<std::string> names, places;
    for (const auto& cell : cells) {
        statement.parameters.push_back(cell.value);
        names.push_back(cell.column);
        places.push_back(database.placeholder(names.size()));
    }
    statement.text = fmt::format("INSERT INTO {} ({}) VALUES ({})", database.dialect().table(action.table),
                                 join(names, ", "), join(places, ", "));
    return statement;
}

}  // namespace

Result<Statement> upsert_statement(const Action& action, const TableColumns& columns, value::Node record,
                                   const Database& database) {
    TRY(const auto cells, cells_of(action, columns, record, database.dialect()));
    std::vector<std::string> updates, key;
    for (const auto& cell : cells) {
        if (!cell.key) updates.push_back(fmt::format("{0} = excluded.{0}", cell.column));
    }
    for (const auto& column : action.key) key.push_back(database.dialect().name(column));
    const bool keep = action.insert_only || updates.empty();
    auto statement = insert_statement(action, cells, database);
    statement.text +=
        fmt::format(" ON CONFLICT ({}) DO {}", join(key, ", "), keep ? "NOTHING" : "UPDATE SET " + join(updates, ", "));
    return statement;
}

Result<UpdateOrInsert> update_or_insert(const Action& action, const TableColumns& columns, value::Node record,
                                        const Database& database) {
    TRY(const auto cells, cells_of(action, columns, record, database.dialect()));
    const auto table = database.dialect().table(action.table);
    UpdateOrInsert out;
    out.insert = insert_statement(action, cells, database);
    const auto condition = assigned(cells, true, " AND ", database, out.exists.parameters);
    out.exists.text = fmt::format("SELECT COUNT(*) AS found FROM {} WHERE {}", table, condition);
    Statement update;
    const auto changes = assigned(cells, false, ", ", database, update.parameters);
    if (changes.empty() || action.insert_only) return out;
    const auto where = assigned(cells, true, " AND ", database, update.parameters);
    update.text = fmt::format("UPDATE {} SET {} WHERE {}", table, changes, where);
    out.update = std::move(update);
    return out;
}

Result<Statement> delete_statement(const Action& action, value::Node record,
                                   const std::optional<std::string>& remote_id, const Database& database) {
    const auto parts = remote_id ? split_external_id(action.key.size(), *remote_id) : std::vector<std::string>();
    Statement statement;
    std::vector<std::string> conditions;
    for (std::size_t i = 0; i < action.key.size(); ++i) {
        const auto value = record.find(action.key[i]);
        if (!value && parts.size() != action.key.size()) {
            return fail(Fault::bad_input, fmt::format("the record has no {}, a key column", action.key[i]));
        }
        statement.parameters.push_back(value ? parameter_of(value) : Parameter(parts[i]));
        conditions.push_back(
            fmt::format("{} = {}", database.dialect().name(action.key[i]), database.placeholder(i + 1)));
    }
    statement.text =
        fmt::format("DELETE FROM {} WHERE {}", database.dialect().table(action.table), join(conditions, " AND "));
    return statement;
}

}  // namespace tributary::connectors::sql
