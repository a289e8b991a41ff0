#include "connectors/data/file/file_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/data/file/decoded_file.hpp"
#include "connectors/settings.hpp"
#include "gateway/base/ascii.hpp"
#include "gateway/base/base64.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::file {

namespace {

// Elsewhere paths begin at the location's own folder and never leave it.
void check_inside(Settings& settings, std::string_view path) {
    for (const auto part : split(path, '/')) {
        if (part == ".." || part == ".") settings.problem("path may not have . or .. as a part");
    }
    if (path.starts_with('/')) settings.problem("path begins at the location's folder: no / in front");
}

Format format_of(std::string_view name) {
    return name == "xlsx"     ? Format::xlsx
           : name == "xml"    ? Format::xml
           : name == "ndjson" ? Format::ndjson
           : name == "json"   ? Format::json
                              : Format::csv;
}

void read_xlsx(Settings& settings, Stream& stream) {
    stream.xlsx.sheet = settings.text("sheet", "");
    stream.xlsx.header_row = static_cast<std::uint64_t>(settings.integer("header_row", 1, 0, 1'000'000));
    stream.xlsx.columns = settings.list("columns");
    if ((stream.xlsx.header_row == 0) == stream.xlsx.columns.empty())
        settings.problem("columns belong to header_row: 0, where no row names them");
    stream.xlsx.longest_row = stream.max_record;
    stream.xlsx.most_unpacked = stream.max_unpacked;
}

void read_packing(Settings& settings, Stream& stream) {
    const auto compression = settings.word("compression", {"by_name", "none", "gzip"});
    stream.compression = compression == "gzip"   ? Compression::gzip
                         : compression == "none" ? Compression::none
                                                 : Compression::by_name;
    stream.max_unpacked = static_cast<std::uint64_t>(settings.bytes("max_unpacked", std::int64_t{4} << 30));
    stream.marker = settings.text("marker", "");
    if (stream.marker.find('/') != std::string::npos) settings.problem("marker is what a name ends in, such as .done");
    stream.encoding = settings.text("encoding", "");
    const auto lower = lower_ascii(stream.encoding);
    if (lower == "utf-8" || lower == "utf8") stream.encoding.clear();
    if (stream.encoding.empty()) return;
    if (stream.format == Format::xml || stream.format == Format::xlsx)
        settings.problem("encoding is for csv, ndjson and json: the other formats say theirs");
    else if (!known_encoding(stream.encoding))
        settings.problem("encoding is not known: one such as windows-1252, iso-8859-15, utf-16 or gb18030");
}

Stream read_stream(Settings& settings, const std::filesystem::path& base, bool local) {
    Stream stream;
    const auto written = settings.text("path");
    if (!local) check_inside(settings, written);
    const auto path = local ? base / written : std::filesystem::path(written);
    stream.directory = path.parent_path().string();
    stream.pattern = path.filename().string();
    if (stream.directory.find_first_of("*?") != std::string::npos) {
        settings.problem("path may be wild in the file's name alone");
    }
    stream.format = format_of(settings.word("format", {"csv", "ndjson", "json", "xml", "xlsx"}));
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
    read_packing(settings, stream);
    if (stream.format == Format::xlsx) read_xlsx(settings, stream);
    return stream;
}

Action read_action(Settings& settings, const std::filesystem::path& base, bool local) {
    Action action;
    const auto written = settings.text("path");
    action.path = base / written;
    if (!local) {
        check_inside(settings, written);
        const auto slash = written.rfind('/');
        action.folder = slash == written.npos ? "" : written.substr(0, slash);
        action.name = RecordTemplate(slash == written.npos ? written : written.substr(slash + 1));
        if (action.name.fields().empty())
            settings.problem("path must name the record's file by its fields: out/order-{number}.json");
        if (action.folder.find_first_of("{}") != std::string::npos)
            settings.problem("only the file's name may have fields");
    }
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

void read_location(Settings& settings, FileSettings& out) {
    const auto type = settings.word("type", {"local", "sftp", "s3"});
    if (type == "sftp") {
        SftpPlace place;
        place.host = settings.text("host");
        place.port = static_cast<std::uint16_t>(settings.integer("port", 22, 1, 65535));
        place.user = settings.text("user");
        place.path = settings.text("path", "");
        place.host_key = settings.text("host_key");
        const auto hash = place.host_key.starts_with("SHA256:") ? from_base64(place.host_key.substr(7)) : std::nullopt;
        if (!place.host_key.empty() && (!hash || hash->size() != 32))
            settings.problem("host_key must be SHA256:..., as ssh-keygen -lf prints it for the server's key");
        out.location = std::move(place);
    } else if (type == "s3") {
        S3Place place;
        place.region = settings.text("region", "us-east-1");
        place.bucket = settings.text("bucket");
        place.endpoint = settings.text("endpoint", fmt::format("https://s3.{}.amazonaws.com", place.region));
        place.prefix = settings.text("prefix", "");
        place.path_style = settings.boolean("path_style", false);
        while (place.endpoint.ends_with('/')) place.endpoint.pop_back();
        if (!place.prefix.empty() && !place.prefix.ends_with('/')) place.prefix += '/';
        const auto known = [](char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '-'; };
        if (!std::ranges::all_of(place.bucket, known))
            settings.problem("bucket has characters that no bucket's name has");
        if (!place.endpoint.starts_with("http")) settings.problem("endpoint must begin with https:// or http://");
        out.location = std::move(place);
    }
}

}  // namespace

Result<FileSettings> read_file_settings(value::Node node, const std::filesystem::path& directory) {
    Settings settings(node, "settings");
    FileSettings out;
    settings.within("location", [&](Settings& inner) { read_location(inner, out); });
    const bool local = std::holds_alternative<std::monostate>(out.location);
    settings.each("streams", [&](const std::string& name, Settings& inner) {
        out.streams[name] = read_stream(inner, directory, local);
    });
    settings.each("actions", [&](const std::string& name, Settings& inner) {
        auto action = read_action(inner, directory, local);
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
