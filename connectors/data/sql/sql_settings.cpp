#include "connectors/data/sql/sql_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/data/sql/database.hpp"
#include "connectors/settings.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::connectors::sql {

namespace {

// Names are quoted in every statement; what no database would take as a name is refused before it gets there.
std::string checked_name(Settings& settings, std::string_view what, std::string name) {
    const bool odd =
        std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (odd || name.size() > 512 || !value::valid_utf8(name))
        settings.problem(fmt::format("{} has control characters or is too long for a name", what));
    return name;
}

std::vector<std::string> checked_names(Settings& settings, std::string_view what) {
    auto names = settings.list(what);
    for (const auto& name : names) {
        if (name.empty()) settings.problem(fmt::format("{} has an empty name", what));
        checked_name(settings, what, name);
    }
    return names;
}

Selection read_selection(Settings& settings) {
    Selection rows;
    rows.table = checked_name(settings, "table", settings.text("table", ""));
    rows.query = trim(settings.text("query", ""));
    while (rows.query.ends_with(';')) rows.query.pop_back();
    if (rows.table.empty() == rows.query.empty()) settings.problem("one of table and query is needed");
    rows.columns = checked_names(settings, "columns");
    rows.skip = checked_names(settings, "skip");
    return rows;
}

std::vector<Child> read_children(Settings& settings) {
    std::vector<Child> children;
    settings.each("children", [&](const std::string& name, Settings& inner) {
        Child child;
        child.name = name;
        child.rows = read_selection(inner);
        child.foreign_key = checked_name(inner, "foreign_key", inner.text("foreign_key"));
        child.parent = checked_name(inner, "parent", inner.text("parent", ""));
        child.order_by = checked_names(inner, "order_by");
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
    stream.key = checked_names(settings, "key");
    if (stream.key.empty()) settings.problem("key is missing: the column or columns that make a row unique");
    stream.cursor = checked_name(settings, "cursor", settings.text("cursor", ""));
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
    action.table = checked_name(settings, "table", settings.text("table"));
    action.key = checked_names(settings, "key");
    if (action.key.empty()) settings.problem("key is missing: the column or columns of a unique index");
    action.insert_only = settings.word("mode", {"upsert", "insert"}) == "insert";
    action.batch = static_cast<std::size_t>(settings.integer("batch", 500, 1, 10000));
    return action;
}

void read_mysql(Settings& settings, SqlSettings& out, const std::filesystem::path& directory) {
    const bool mysql = out.engine == Engine::mysql;
    for (const auto* name : {"host", "database", "user", "port", "tls"}) {
        if (!mysql && settings.has(name)) settings.problem(fmt::format("{} belongs to mysql", name));
    }
    auto& server = out.mysql;
    server.host = settings.text("host", "");
    server.database = settings.text("database", "");
    server.user = settings.text("user", "");
    server.port = static_cast<std::uint16_t>(settings.integer("port", 3306, 1, 65535));
    if (mysql && (server.host.empty() || server.database.empty() || server.user.empty()))
        settings.problem("host, database and user are needed for mysql");
    settings.within("tls", [&](Settings& tls) {
        const auto mode = tls.word("mode", {"verify", "encrypt", "off"});
        server.tls = mode == "verify" ? MysqlServer::Tls::verify
                     : mode == "off"  ? MysqlServer::Tls::off
                                      : MysqlServer::Tls::encrypt;
        const auto file = [&](std::string_view name) {
            const auto path = tls.text(name, "");
            return path.empty() ? std::filesystem::path() : directory / path;
        };
        server.ca = file("ca");
        server.certificate = file("certificate");
        server.key = file("key");
        if (server.certificate.empty() != server.key.empty()) tls.problem("certificate and key belong together");
    });
}

}  // namespace

std::string Selection::from(const Dialect& dialect) const {
    return table.empty() ? "(" + query + ") rows_of_query" : dialect.table(table);
}

Result<SqlSettings> read_sql_settings(value::Node node, const std::filesystem::path& directory) {
    Settings settings(node, "settings");
    SqlSettings out;
    const auto engine = settings.word("type", {"sqlite", "postgres", "mysql", "odbc"});
    out.engine = engine == "postgres" ? Engine::postgres
                 : engine == "mysql"  ? Engine::mysql
                 : engine == "odbc"   ? Engine::odbc
                                      : Engine::sqlite;
    const auto path = settings.text("path", "");
    if (out.engine == Engine::sqlite && path.empty()) settings.problem("path is missing: the SQLite file");
    if (out.engine != Engine::sqlite && !path.empty())
        settings.problem("path belongs to sqlite; postgres takes the credential dsn, odbc connection_string");
    out.path = directory / path;
    read_mysql(settings, out, directory);
    out.limits.statement = Milliseconds(settings.milliseconds("statement_timeout").value_or(300'000));
    if (out.limits.statement.count() < 1000) settings.problem("statement_timeout must be 1s at least");
    settings.each("streams", [&](const std::string& name, Settings& inner) { out.streams[name] = read_stream(inner); });
    settings.each("actions", [&](const std::string& name, Settings& inner) { out.actions[name] = read_action(inner); });
    CHECK_OK(settings.finish());
    return out;
}

}  // namespace tributary::connectors::sql
