// What a connection's settings say about the files it reads and writes.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "connectors/data/file/xlsx_file.hpp"
#include "connectors/record_template.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/csv.hpp"

namespace tributary::connectors::file {

enum class Format { csv, ndjson, json, xml, xlsx };
enum class Compression { by_name, none, gzip };  // by_name: gzip when it ends in .gz

struct Stream {
    std::string directory;
    std::string pattern;  // of file names: * and ? are wild
    Format format = Format::csv;
    RecordTemplate key;
    value::CsvOptions csv;
    std::string element;  // XML: the name of a record's element
    XlsxOptions xlsx;
    std::string encoding;  // empty: UTF-8
    Compression compression = Compression::by_name;
    std::uint64_t max_unpacked = 0;
    std::string marker;  // a file counts once one of its name and this is there; empty: at once
    std::size_t page = 1000;
    std::size_t max_record = 0;
    bool reread = false;     // a file that grew is read from its beginning
    Milliseconds settle{0};  // a last record without its end counts once the file is this old

    bool zipped(std::string_view name) const {
        return compression == Compression::gzip || (compression == Compression::by_name && name.ends_with(".gz"));
    }
    // Read from its beginning whenever it changed, and only once it has rested: what it is packed in has no middle.
    bool whole(std::string_view name) const { return format == Format::xlsx || !encoding.empty() || zipped(name); }
    bool wild() const { return pattern.find_first_of("*?") != pattern.npos; }
};

struct Action {
    std::filesystem::path path;
    Format format = Format::ndjson;
    std::vector<std::string> columns;  // CSV
    value::CsvWriterOptions csv;
    // Elsewhere than in a local folder: a file for each record, named by it.
    std::string folder;
    RecordTemplate name;
};

struct SftpPlace {
    std::string host, user, path;  // path: the folder that all others lie in; empty: where the login begins
    std::uint16_t port = 22;
    std::string host_key;  // "SHA256:...", as ssh-keygen -lf prints it
};

struct S3Place {
    std::string endpoint, region, bucket;
    std::string prefix;  // "" or ending in '/'
    bool path_style = false;
};

struct FileSettings {
    std::variant<std::monostate, SftpPlace, S3Place> location;  // monostate: the folder of gateway.yaml
    std::map<std::string, Stream> streams;
    std::map<std::string, Action> actions;
};

// bad_config with every problem. Relative paths begin at `directory`.
Result<FileSettings> read_file_settings(value::Node settings, const std::filesystem::path& directory);

// Whether a file name is what a pattern with * and ? describes.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace tributary::connectors::file
