#include "connectors/data/singer/singer_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/settings.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::singer {

namespace {

void read_executable(Settings& settings, const std::filesystem::path& directory, Executable& out) {
    out.program.command = settings.list("command");
    out.program.directory = directory;
    if (out.program.command.empty())
        settings.problem("command is missing: the program and its arguments");
    else if (out.program.command.front().contains('/'))
        out.program.command.front() = (directory / out.program.command.front()).string();
    out.program.silent_for = Milliseconds(settings.milliseconds("silent_for").value_or(5 * 60 * 1000));
    if (out.program.silent_for < Milliseconds(1)) settings.problem("silent_for must be longer than 0");
    out.program.max_line = static_cast<std::size_t>(settings.bytes("max_line", 16 << 20));
    out.config = settings.map("config");
    out.secrets = settings.list("secrets");
    for (const auto member : settings.map("environment"))
        out.program.environment.emplace_back(member.key(), member.scalar_text());
    for (const auto& field : out.secrets)
        if (out.config.find(field)) settings.problem(fmt::format("{} stands in config and in secrets", field));
}

Tap read_tap(Settings& settings, const std::filesystem::path& directory) {
    Tap out;
    read_executable(settings, directory, out);
    out.discover = settings.boolean("discover", true);
    if (const auto catalog = settings.text("catalog", ""); !catalog.empty()) out.catalog = directory / catalog;
    out.catalog_option = settings.word("catalog_option", {"--catalog", "--properties"});
    return out;
}

Stream read_stream(const std::string& name, Settings& settings) {
    Stream out;
    out.selection.stream = settings.text("stream", name);
    out.selection.replication = settings.text("replication", "");
    out.selection.replication_key = settings.text("replication_key", "");
    out.key = settings.list("key");
    out.page = static_cast<std::size_t>(settings.integer("page", 500, 1, 10000));
    return out;
}

Action read_action(const std::string& name, Settings& settings) {
    Action out;
    out.stream = settings.text("stream", name);
    out.key = settings.list("key");
    out.properties = settings.map("properties");
    out.batch = static_cast<std::size_t>(settings.integer("batch", 1000, 1, 10000));
    if (out.properties.size() == 0)
        settings.problem("properties is missing: the JSON Schema of each field that the target gets");
    for (const auto& key : out.key)
        if (!out.properties.find(key)) settings.problem(fmt::format("the key {} is not in properties", key));
    return out;
}

}  // namespace

Result<SingerSettings> read_singer_settings(value::Document document, const std::filesystem::path& directory) {
    SingerSettings out;
    out.document = std::make_unique<const value::Document>(std::move(document));
    Settings settings(out.document->root(), "settings");
    settings.within("tap", [&](Settings& inner) { out.tap = read_tap(inner, directory); });
    settings.within("target", [&](Settings& inner) { read_executable(inner, directory, out.target.emplace()); });
    settings.each("streams", [&](const std::string& name, Settings& inner) {
        out.streams.emplace(name, read_stream(name, inner));
    });
    settings.each("actions", [&](const std::string& name, Settings& inner) {
        out.actions.emplace(name, read_action(name, inner));
    });
    if (!out.tap && !out.target) settings.problem("a tap or a target is needed");
    if (out.streams.empty() == out.tap.has_value()) settings.problem("a tap needs streams, and streams a tap");
    if (out.actions.empty() == out.target.has_value()) settings.problem("a target needs actions, and actions a target");
    CHECK_OK(settings.finish());
    return out;
}

Result<std::string> config_of(const Executable& executable, const connector::CredentialReader& credential) {
    value::Builder out;
    out.begin_object();
    for (const auto member : executable.config) out.key(member.key()).copy(member);
    for (const auto& field : executable.secrets) {
        if (!credential)
            return fail(Fault::bad_config,
                        fmt::format("the connection has no credentials, but {} is asked for", field));
        const auto secret = credential(field);
        // Missing, it is the operator's matter and no record's.
        if (!secret && secret.error().fault == Fault::not_found) return fail(Fault::bad_config, secret.error().text());
        if (!secret) return fail(secret.error());
        out.key(field).text(secret->reveal());
    }
    out.end();
    return value::to_json(out.take().root());
}

}  // namespace tributary::connectors::singer
