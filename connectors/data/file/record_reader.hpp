// RecordReader: cuts a file that comes in chunks into records, whatever its format, and tells where each one ends, so
// that reading can go on behind any of them. Memory is bounded by the longest record allowed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/data/file/file_settings.hpp"
#include "connectors/data/file/source_file.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::file {

struct Position {
    std::uint64_t offset = 0;  // bytes
    std::uint64_t record = 0;  // records before it
    std::uint64_t line = 1;    // of the offset, where the format counts lines
};

struct FileRecord {
    Result<value::Document> document;  // an object, or why the record is broken
    std::string json;                  // the same as text
    std::string raw;                   // of a broken one, perhaps cut
    std::string place;                 // "line 17"
    Position after;
};

class RecordReader {
  public:
    virtual ~RecordReader() = default;
    // REQUIRES: next() has returned nullopt, or nothing was fed yet.
    virtual void feed(std::string_view chunk) = 0;
    // nullopt: feed more, or with `finished` (all was fed): no more records. An error concerns the whole file.
    virtual Result<std::optional<FileRecord>> next(bool finished) = 0;
};

// A reader that begins at `from`. The file is read for a CSV header that lies before it.
Result<std::unique_ptr<RecordReader>> make_reader(const Stream& stream, SourceFile& file, Position from);

// A CSV file's column names.
Result<std::vector<std::string>> read_csv_columns(const Stream& stream, SourceFile& file);

std::unique_ptr<RecordReader> make_json_array_reader(const Stream& stream, Position from);
std::unique_ptr<RecordReader> make_xml_reader(const Stream& stream, Position from);

}  // namespace tributary::connectors::file
