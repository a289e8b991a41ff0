#include "connectors/data/sql/keyset.hpp"

#include <fmt/format.h>

#include "connectors/data/sql/lookback.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/percent.hpp"

namespace tributary::connectors::sql {

namespace {

std::string quoted_list(const Dialect& dialect, const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const auto& name : names) out.push_back(dialect.name(name));
    return join(out, ", ");
}

std::vector<Parameter> read_list(value::Node list) {
    std::vector<Parameter> out;
    for (auto item : list) out.push_back(parameter_of(item));
    return out;
}

void write_list(const char* name, const std::vector<Parameter>& list, value::Builder& out) {
    out.key(name).begin_array();
    for (const auto& parameter : list) {
        std::visit(
            [&]<class T>(const T& value) {
                if constexpr (std::is_same_v<T, std::nullptr_t>)
                    out.null();
                else if constexpr (std::is_same_v<T, bool>)
                    out.boolean(value);
                else if constexpr (std::is_same_v<T, std::int64_t>)
                    out.integer(value);
                else if constexpr (std::is_same_v<T, Decimal>)
                    out.number(value.digits);
                else
                    out.text(value);
            },
            parameter);
    }
    out.end();
}

// Gathers conditions and numbers their parameters.
class Conditions {
  public:
    explicit Conditions(const Database& database) : database_(database) {}

    void add(std::string condition) { conditions_.push_back(std::move(condition)); }
    // (columns) OP (values), as a row comparison when there are several; "=" and ">=" take one column alone.
    std::string compare(const std::vector<std::string>& columns, const char* op, const std::vector<Parameter>& values) {
        if (columns.size() == 1) return name(columns[0]) + ' ' + op + ' ' + place(values[0]);
        if (!database_.dialect().row_values)
            return name(columns[0]) + " >= " + place(values[0]) + " AND (" + behind(columns, values, 0) + ')';
        std::vector<std::string> places;
        for (const auto& value : values) places.push_back(place(value));
        return fmt::format("({}) {} ({})", quoted_list(database_.dialect(), columns), op, join(places, ", "));
    }
    std::string name(const std::string& column) const { return database_.dialect().name(column); }
    std::string place(const Parameter& value) {
        parameters_.push_back(value);
        return database_.placeholder(parameters_.size(), value);
    }
    void have_key(const Stream& stream) {
        for (const auto& column : stream.key) add(name(column) + " IS NOT NULL");
    }
    std::string where() const { return conditions_.empty() ? "" : " WHERE " + join(conditions_, " AND "); }
    std::vector<Parameter> take() { return std::move(parameters_); }

  private:
    // a > ? OR (a = ? AND (b > ? OR ...)), for databases that know no row values.
    std::string behind(const std::vector<std::string>& columns, const std::vector<Parameter>& values, std::size_t at) {
        auto later = name(columns[at]) + " > " + place(values[at]);
        if (at + 1 == columns.size()) return later;
        auto same = name(columns[at]) + " = " + place(values[at]);
        return fmt::format("{} OR ({} AND ({}))", later, same, behind(columns, values, at + 1));
    }

    const Database& database_;
    std::vector<std::string> conditions_;
    std::vector<Parameter> parameters_;
};

std::vector<std::string> order_of(const Stream& stream) {
    auto order = stream.key;
    if (!stream.cursor.empty()) order.insert(order.begin(), stream.cursor);
    return order;
}

// Behind `after`; from its cursor value on when that is all it holds.
std::string behind(Conditions& conditions, const Stream& stream, const std::vector<Parameter>& after) {
    const auto order = order_of(stream);
    if (after.size() == order.size()) return conditions.compare(order, ">", after);
    return conditions.compare({stream.cursor}, ">=", after);
}

}  // namespace

Result<Keyset> read_keyset(std::string_view json, const Stream& stream) {
    Keyset keyset;
    keyset.nulls = !stream.cursor.empty();
    if (json.empty()) return keyset;
    TRY(const auto document, value::parse_json(json));
    const auto root = document.root();
    keyset.nulls = root.find("nulls").boolean();
    keyset.null_key = read_list(root.find("null_key"));
    keyset.after = read_list(root.find("after"));
    const auto whole = order_of(stream).size();
    const bool fits =
        keyset.after.empty() || keyset.after.size() == whole || (keyset.after.size() == 1 && !stream.cursor.empty());
    if (!root.is(value::Kind::object) || !fits ||
        (!keyset.null_key.empty() && keyset.null_key.size() != stream.key.size())) {
        return fail(Fault::bad_config,
                    "the saved cursor does not fit the stream's key and cursor columns: reset the stream");
    }
    return keyset;
}

std::string write_keyset(const Keyset& keyset) {
    value::Builder out;
    out.begin_object().key("nulls").boolean(keyset.nulls);
    write_list("null_key", keyset.null_key, out);
    write_list("after", keyset.after, out);
    return value::to_json(out.end().take().root());
}

void advance(Keyset& keyset, const Stream& stream, value::Node last_row) {
    auto& place = keyset.nulls ? keyset.null_key : keyset.after;
    place.clear();
    if (!keyset.nulls && !stream.cursor.empty()) place.push_back(parameter_of(last_row.find(stream.cursor)));
    for (const auto& column : stream.key) place.push_back(parameter_of(last_row.find(column)));
}

void end_run(Keyset& keyset, const Stream& stream) {
    keyset.nulls = !stream.cursor.empty();
    keyset.null_key.clear();
    if (stream.cursor.empty()) {
        keyset.after.clear();
    } else if (!keyset.after.empty()) {
        if (auto earlier = look_back(stream, keyset.after.front())) keyset.after = {std::move(*earlier)};
    }
}

Statement page_statement(const Stream& stream, const std::vector<std::string>& columns, const Keyset& keyset,
                         const Database& database) {
    Conditions conditions(database);
    conditions.have_key(stream);
    if (keyset.nulls) {
        conditions.add(conditions.name(stream.cursor) + " IS NULL");
        if (!keyset.null_key.empty()) conditions.add(conditions.compare(stream.key, ">", keyset.null_key));
    } else {
        if (!stream.cursor.empty()) conditions.add(conditions.name(stream.cursor) + " IS NOT NULL");
        if (!keyset.after.empty()) conditions.add(behind(conditions, stream, keyset.after));
    }
    const auto order = keyset.nulls ? stream.key : order_of(stream);
    const auto& dialect = database.dialect();
    const auto rest = fmt::format(" FROM {}{} ORDER BY {}", stream.rows.from(dialect), conditions.where(),
                                  quoted_list(dialect, order));
    return {dialect.select(quoted_list(dialect, columns), rest, stream.page), conditions.take()};
}

Statement count_statement(const Stream& stream, const Keyset& keyset, const Database& database) {
    Conditions conditions(database);
    if (!stream.cursor.empty() && !keyset.after.empty()) {
        const auto later = behind(conditions, stream, keyset.after);
        conditions.add(fmt::format("({} IS NULL OR {})", conditions.name(stream.cursor), later));
    }
    std::vector<std::string> keyless;
    for (const auto& column : stream.key) keyless.push_back(conditions.name(column) + " IS NULL");
    auto text = fmt::format("SELECT COUNT(*) AS all_rows, COUNT(CASE WHEN {} THEN 1 END) AS keyless_rows FROM {}{}",
                            join(keyless, " OR "), stream.rows.from(database.dialect()), conditions.where());
    return {std::move(text), conditions.take()};
}

Result<Statement> row_statement(const Stream& stream, const std::vector<std::string>& columns, std::string_view id,
                                const Database& database) {
    Conditions conditions(database);
    const auto& dialect = database.dialect();
    const auto parts = split_external_id(stream.key.size(), id);
    if (parts.size() != stream.key.size()) return fail(Fault::not_found, "no row can have this id");
    for (std::size_t i = 0; i < parts.size(); ++i) {
        // A column of a query has no type that the text would be turned into: compare as text.
        auto column = conditions.name(stream.key[i]);
        if (stream.rows.table.empty()) column = fmt::format("CAST({} AS {})", column, dialect.text_type);
        conditions.add(column + " = " + conditions.place(parts[i]));
    }
    auto text = fmt::format("SELECT {} FROM {}{}", quoted_list(dialect, columns), stream.rows.from(dialect),
                            conditions.where());
    return Statement{std::move(text), conditions.take()};
}

Result<std::string> external_id(const std::vector<std::string>& key, value::Node row) {
    std::vector<std::string> parts;
    for (const auto& column : key) {
        const auto value = row.find(column);
        auto text = value.size() > 0 ? std::string() : value.scalar_text();
        if (text.empty()) return fail(Fault::bad_input, fmt::format("key column {} has no value", column));
        if (key.size() > 1) text = replace_all(replace_all(text, "%", "%25"), ":", "%3A");
        parts.push_back(std::move(text));
    }
    return join(parts, ":");
}

std::vector<std::string> split_external_id(std::size_t columns, std::string_view id) {
    if (columns == 1) return {std::string(id)};
    std::vector<std::string> parts;
    for (const auto part : split(id, ':')) parts.push_back(value::percent_decode(part).value_or(std::string(part)));
    return parts;
}

}  // namespace tributary::connectors::sql
