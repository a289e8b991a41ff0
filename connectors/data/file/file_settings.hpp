// What a connection's settings say about the files it reads and writes.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "connectors/record_template.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/csv.hpp"

namespace tributary::connectors::file {

enum class Format { csv, ndjson, json, xml };

struct Stream {
    std::filesystem::path directory;
    std::string pattern;  // of file names: * and ? are wild
    Format format = Format::csv;
    RecordTemplate key;
    value::CsvOptions csv;
    std::string element;  // XML: the name of a record's element
    std::size_t page = 1000;
    std::size_t max_record = 0;
    bool reread = false;     // a file that grew is read from its beginning
    Milliseconds settle{0};  // a last record without its end counts once the file is this old

    bool wild() const { return pattern.find_first_of("*?") != pattern.npos; }
};

struct Action {
    std::filesystem::path path;
    Format format = Format::ndjson;
    std::vector<std::string> columns;  // CSV
    value::CsvWriterOptions csv;
};

struct FileSettings {
    std::map<std::string, Stream> streams;
    std::map<std::string, Action> actions;
};

// bad_config with every problem. Relative paths begin at `directory`.
Result<FileSettings> read_file_settings(value::Node settings, const std::filesystem::path& directory);

// Whether a file name is what a pattern with * and ? describes.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace tributary::connectors::file
