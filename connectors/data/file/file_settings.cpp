#include "connectors/data/file/file_settings.hpp"

#include "connectors/settings.hpp"

namespace tributary::connectors::file {

namespace {

Stream read_stream(Settings& settings, const std::filesystem::path& base) {
    Stream stream;
    const auto path = base / settings.text("path");
    stream.directory = path.parent_path();
    stream.pattern = path.filename().string();
    if (stream.directory.string().find_first_of("*?") != std::string::npos) {
        settings.problem("path may be wild in the file's name alone");
    }
    const auto format = settings.word("format", {"csv", "ndjson", "json", "xml"});
    stream.format = format == "xml"      ? Format::xml
                    : format == "ndjson" ? Format::ndjson
                    : format == "json"   ? Format::json
                                         : Format::csv;
    const auto key = settings.text("key");
    stream.key = key.find('{') == key.npos ? RecordTemplate::field(key) : RecordTemplate(key);
    if (stream.key.fields().empty()) settings.problem("key must name a field, or several in braces: \"{a}-{b}\"");
    stream.page = static_cast<std::size_t>(settings.integer("page", 1000, 1, 100000));
    stream.max_record = static_cast<std::size_t>(settings.bytes("max_record", 1 << 20));
    stream.reread = settings.word("when_changed", {"continue", "reread"}) == "reread";
    stream.settle = Milliseconds(settings.milliseconds("settle").value_or(5000));
    if (stream.format == Format::csv) {
        stream.csv.delimiter = settings.character("delimiter", ',');
        stream.csv.quote = settings.character("quote", '"');
        stream.csv.header = settings.boolean("header", true);
        stream.csv.columns = settings.list("columns");
        stream.csv.max_row = stream.max_record;
        if (const auto made = value::CsvReader::make(stream.csv); !made) settings.problem(made.error().what);
    }
    if (stream.format == Format::xml) stream.element = settings.text("element");
    return stream;
}

Action read_action(Settings& settings, const std::filesystem::path& base) {
    Action action;
    action.path = base / settings.text("path");
    action.format = settings.word("format", {"ndjson", "csv"}) == "csv" ? Format::csv : Format::ndjson;
    if (action.format == Format::csv) {
        action.columns = settings.list("columns");
        if (action.columns.empty()) settings.problem("columns is missing: CSV needs them, in their order");
        action.csv.delimiter = settings.character("delimiter", ',');
        action.csv.quote = settings.character("quote", '"');
        action.csv.escape_formulas = settings.boolean("escape_formulas", false);
    }
    return action;
}

}  // namespace

Result<FileSettings> read_file_settings(value::Node node, const std::filesystem::path& directory) {
    Settings settings(node, "settings");
    FileSettings out;
    settings.each("streams",
                  [&](const std::string& name, Settings& inner) { out.streams[name] = read_stream(inner, directory); });
    settings.each("actions", [&](const std::string& name, Settings& inner) {
        auto action = read_action(inner, directory);
        for (const auto& [other, known] : out.actions) {
            if (known.path == action.path) inner.problem("action " + other + " writes the same file");
        }
        out.actions[name] = std::move(action);
    });
    CHECK_OK(settings.finish());
    return out;
}

bool matches(std::string_view pattern, std::string_view name) {
    // Backtracks to the last star alone, which is enough: a later star swallows whatever an earlier one could.
    std::size_t p = 0, n = 0, star = pattern.npos, retry = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != pattern.npos) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace tributary::connectors::file
