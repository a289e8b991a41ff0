#include "connectors/data/sql/sql_settings.hpp"

#include "connectors/data/sql/database.hpp"
#include "connectors/settings.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::sql {

namespace {

Selection read_selection(Settings& settings) {
    Selection rows;
    rows.table = settings.text("table", "");
    rows.query = trim(settings.text("query", ""));
    while (rows.query.ends_with(';')) rows.query.pop_back();
    if (rows.table.empty() == rows.query.empty()) settings.problem("one of table and query is needed");
    rows.columns = settings.list("columns");
    rows.skip = settings.list("skip");
    return rows;
}

std::vector<Child> read_children(Settings& settings) {
    std::vector<Child> children;
    settings.each("children", [&](const std::string& name, Settings& inner) {
        Child child;
        child.name = name;
        child.rows = read_selection(inner);
        child.foreign_key = inner.text("foreign_key");
        child.parent = inner.text("parent", "");
        child.order_by = inner.list("order_by");
        child.single = inner.boolean("single", false);
        child.children = read_children(inner);
        for (const auto& grandchild : child.children) {
            if (grandchild.parent.empty()) inner.problem("children." + grandchild.name + ".parent is missing");
        }
        children.push_back(std::move(child));
    });
    return children;
}

Stream read_stream(Settings& settings) {
    Stream stream;
    stream.rows = read_selection(settings);
    stream.key = settings.list("key");
    if (stream.key.empty()) settings.problem("key is missing: the column or columns that make a row unique");
    stream.cursor = settings.text("cursor", "");
    // A number of the cursor's own units, or a duration.
    const auto lookback = settings.text("lookback", "");
    if (const auto amount = to_integer(lookback))
        stream.lookback_amount = *amount;
    else if (!lookback.empty())
        stream.lookback_ms = settings.milliseconds("lookback");
    if (!lookback.empty() && stream.cursor.empty()) settings.problem("lookback needs a cursor");
    stream.page = static_cast<std::size_t>(settings.integer("page", 500, 1, 10000));
    stream.count = settings.boolean("count", true);
    stream.children = read_children(settings);
    for (const auto& child : stream.children) {
        if (child.parent.empty() && stream.key.size() != 1) {
            settings.problem("children." + child.name + ".parent is missing, since the key has several columns");
        }
    }
    return stream;
}

Action read_action(Settings& settings) {
    Action action;
    action.table = settings.text("table");
    action.key = settings.list("key");
    if (action.key.empty()) settings.problem("key is missing: the column or columns of a unique index");
    action.insert_only = settings.word("mode", {"upsert", "insert"}) == "insert";
    action.batch = static_cast<std::size_t>(settings.integer("batch", 500, 1, 10000));
    return action;
}

}  // namespace

std::string Selection::from() const {
    return table.empty() ? "(" + query + ") AS rows_of_query" : quoted_table(table);
}

Result<SqlSettings> read_sql_settings(value::Node node, const std::filesystem::path& directory) {
    Settings settings(node, "settings");
    SqlSettings out;
    out.postgres = settings.word("type", {"sqlite", "postgres"}) == "postgres";
    const auto path = settings.text("path", "");
    if (!out.postgres && path.empty()) settings.problem("path is missing: the SQLite file");
    if (out.postgres && !path.empty()) settings.problem("path belongs to sqlite; postgres takes the credential dsn");
    out.path = directory / path;
    settings.each("streams", [&](const std::string& name, Settings& inner) { out.streams[name] = read_stream(inner); });
    settings.each("actions", [&](const std::string& name, Settings& inner) { out.actions[name] = read_action(inner); });
    CHECK_OK(settings.finish());
    return out;
}

}  // namespace tributary::connectors::sql
