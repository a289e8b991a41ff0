#include "connectors/data/sql/upsert.hpp"

#include <fmt/format.h>

#include <algorithm>

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
    return std::ranges::count_if(number, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<Statement> upsert_statement(const Action& action, const TableColumns& columns, value::Node record,
                                   const Database& database) {
    if (!record.is(value::Kind::object)) return fail(Fault::bad_input, "the record must be an object");
    for (const auto& column : action.key) {
        if (!record.find(column))
            return fail(Fault::bad_input, fmt::format("the record has no {}, a key column", column));
    }
    Statement statement;
    std::vector<std::string> names, places, updates, key;
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
                                    "numeric (PostgreSQL)",
                                    name));
        }
        statement.parameters.push_back(parameter_of(member));
        names.push_back(quoted_name(name));
        places.push_back(database.placeholder(names.size()));
        if (!holds(action.key, name)) updates.push_back(fmt::format("{0} = excluded.{0}", quoted_name(name)));
    }
    for (const auto& column : action.key) key.push_back(quoted_name(column));
    const bool keep = action.insert_only || updates.empty();
    statement.text = fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {}", quoted_table(action.table),
                                 join(names, ", "), join(places, ", "), join(key, ", "),
                                 keep ? "NOTHING" : "UPDATE SET " + join(updates, ", "));
    return statement;
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
        conditions.push_back(fmt::format("{} = {}", quoted_name(action.key[i]), database.placeholder(i + 1)));
    }
    statement.text = fmt::format("DELETE FROM {} WHERE {}", quoted_table(action.table), join(conditions, " AND "));
    return statement;
}

}  // namespace tributary::connectors::sql
