#include "connectors/data/sql/row_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::sql {

namespace {

// One prepared statement serves all pages: the last value fills up the places that are left.
constexpr std::size_t kParentsAtOnce = 200;

Result<void> must_have(const std::vector<std::string>& columns, const std::string& name, std::string_view what) {
    if (std::ranges::find(columns, name) != columns.end()) return {};
    const auto meant = nearest(name, columns);
    return fail(Fault::bad_config, fmt::format("there is no {} {}{}", what, name, meant ? ", but " + *meant : ""));
}

const std::string& parent_column(const Child& child, const std::string& parent_key) {
    return child.parent.empty() ? parent_key : child.parent;
}

Result<std::vector<Row>> rows_of(Database& database, const Child& child, const std::vector<Parameter>& parents) {
    TRY(const auto columns, chosen_columns(database, child.rows, {child.foreign_key}));
    const auto& dialect = database.dialect();
    std::vector<std::string> names, order = {dialect.name(child.foreign_key)};
    for (const auto& column : columns) names.push_back(dialect.name(column));
    for (const auto& column : child.order_by) order.push_back(dialect.name(column));
    std::vector<Row> rows;
    for (std::size_t from = 0; from < parents.size(); from += kParentsAtOnce) {
        std::vector<Parameter> values;
        std::vector<std::string> places;
        for (std::size_t i = 0; i < kParentsAtOnce; ++i) {
            values.push_back(parents[std::min(from + i, parents.size() - 1)]);
            places.push_back(database.placeholder(i + 1, values.back()));
        }
        const auto text =
            fmt::format("SELECT {} FROM {} WHERE {} IN ({}) ORDER BY {}", join(names, ", "), child.rows.from(dialect),
                        dialect.name(child.foreign_key), join(places, ", "), join(order, ", "));
        TRY(auto some, database.query(text, values));
        std::ranges::move(some, std::back_inserter(rows));
    }
    return rows;
}

Result<void> add_child(Database& database, std::vector<RowTree>& trees, const Child& child, const std::string& column) {
    std::unordered_map<std::string, std::vector<std::size_t>> places;
    std::vector<Parameter> parents;
    for (std::size_t i = 0; i < trees.size(); ++i) {
        trees[i].children.emplace_back();
        const auto value = trees[i].row.columns.root().find(column);
        if (!value) continue;
        auto& same = places[value.scalar_text()];
        if (same.empty()) parents.push_back(parameter_of(value));
        same.push_back(i);
    }
    if (parents.empty()) return {};
    TRY(auto rows, rows_of(database, child, parents));
    const std::string no_key;
    TRY(auto found, with_children(database, std::move(rows), child.children, no_key));
    for (auto& tree : found) {
        const auto owners = places.find(tree.row.columns.root().find(child.foreign_key).scalar_text());
        if (owners == places.end()) continue;
        // Usually one; a to-one child such as a category belongs to many.
        for (std::size_t i = 0; i + 1 < owners->second.size(); ++i) {
            trees[owners->second[i]].children.back().push_back(tree);
        }
        trees[owners->second.back()].children.back().push_back(std::move(tree));
    }
    return {};
}

Result<void> write(const RowTree& tree, const std::vector<Child>& children, std::string& out) {
    if (tree.row.error) return fail(*tree.row.error);
    out += '{';
    for (auto member : tree.row.columns.root()) {
        if (out.back() != '{') out += ',';
        value::write_json_string(member.key(), out);
        out += ':';
        value::write_json(member, out);
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
        const auto& rows = tree.children[i];
        if (out.back() != '{') out += ',';
        value::write_json_string(children[i].name, out);
        out += ':';
        if (children[i].single && rows.empty()) {
            out += "null";
            continue;
        }
        if (!children[i].single) out += '[';
        for (std::size_t j = 0; j < (children[i].single ? 1 : rows.size()); ++j) {
            if (j > 0) out += ',';
            if (auto written = write(rows[j], children[i].children, out); !written) {
                return pass(std::move(written), children[i].name);
            }
        }
        if (!children[i].single) out += ']';
    }
    out += '}';
    return {};
}

}  // namespace

Result<std::vector<std::string>> chosen_columns(Database& database, const Selection& rows,
                                                const std::vector<std::string>& needed) {
    TRY(const auto all, database.columns(rows.from(database.dialect())));
    for (const auto& name : needed) CHECK_OK(must_have(all, name, "column"));
    for (const auto& name : rows.columns) CHECK_OK(must_have(all, name, "column"));
    for (const auto& name : rows.skip) CHECK_OK(must_have(all, name, "column"));
    std::vector<std::string> chosen;
    for (const auto& name : all) {
        const auto listed = [&](const std::vector<std::string>& list) {
            return std::ranges::find(list, name) != list.end();
        };
        if (listed(needed) || ((rows.columns.empty() || listed(rows.columns)) && !listed(rows.skip)))
            chosen.push_back(name);
    }
    return chosen;
}

Result<void> check_children(Database& database, const std::vector<Child>& children,
                            const std::vector<std::string>& parent_columns, const std::string& parent_key) {
    for (const auto& child : children) {
        const auto check = [&]() -> Result<void> {
            CHECK_OK(must_have(parent_columns, parent_column(child, parent_key), "parent column"));
            if (std::ranges::find(parent_columns, child.name) != parent_columns.end()) {
                return fail(Fault::bad_config, "the parent has a column of this name: skip it or rename the child");
            }
            TRY(const auto columns, chosen_columns(database, child.rows, {child.foreign_key}));
            TRY(const auto all, database.columns(child.rows.from(database.dialect())));
            for (const auto& name : child.order_by) CHECK_OK(must_have(all, name, "column"));
            return check_children(database, child.children, columns, {});
        };
        if (auto checked = check(); !checked) return pass(std::move(checked), "children." + child.name);
    }
    return {};
}

Result<std::vector<RowTree>> with_children(Database& database, std::vector<Row> rows,
                                           const std::vector<Child>& children, const std::string& parent_key) {
    std::vector<RowTree> trees;
    trees.reserve(rows.size());
    for (auto& row : rows) trees.push_back({std::move(row), {}});
    for (const auto& child : children) CHECK_OK(add_child(database, trees, child, parent_column(child, parent_key)));
    return trees;
}

Result<std::string> to_json(const RowTree& tree, const std::vector<Child>& children) {
    std::string out;
    CHECK_OK(write(tree, children, out));
    return out;
}

}  // namespace tributary::connectors::sql
