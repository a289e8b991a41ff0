#include "connectors/data/file/record_reader.hpp"

#include <fmt/format.h>

#include "gateway/base/text.hpp"
#include "gateway/value/csv.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/lines.hpp"

namespace tributary::connectors::file {

namespace {

constexpr std::size_t kChunk = 64 << 10;

class CsvRecords final : public RecordReader {
  public:
    explicit CsvRecords(value::CsvReader reader) : reader_(std::move(reader)) {}

    void feed(std::string_view chunk) override { reader_.feed(chunk); }
    Result<std::optional<FileRecord>> next(bool finished) override {
        TRY(auto row, finished ? reader_.finish() : reader_.next());
        if (!row) return std::nullopt;
        FileRecord record{
            std::move(row->document), {}, {}, fmt::format("line {}", row->line), {row->end, row->row, row->end_line}};
        if (record.document) {
            value::write_json(record.document->root(), record.json);
        } else {
            record.raw = row->raw;
            record.document = fail(Fault::bad_input, record.document.error().what);
        }
        return record;
    }

  private:
    value::CsvReader reader_;
};

class NdjsonRecords final : public RecordReader {
  public:
    NdjsonRecords(std::size_t max_line, Position from)
        : reader_(max_line, from.offset, from.line - 1), records_(from.record) {}

    void feed(std::string_view chunk) override { reader_.feed(chunk); }
    Result<std::optional<FileRecord>> next(bool finished) override {
        for (;;) {
            const auto line = finished ? reader_.finish() : reader_.next();
            if (!line) return std::nullopt;
            if (trim(line->text).empty() && !line->too_long) continue;
            FileRecord record{parser_.parse(line->text),
                              std::string(line->text),
                              {},
                              fmt::format("line {}", line->number),
                              {line->end, ++records_, line->number + 1}};
            if (line->too_long)
                record.document = fail(Fault::bad_input, "the line is longer than max_record allows");
            else if (record.document && !record.document->root().is(value::Kind::object)) {
                record.document = fail(Fault::bad_input, "an object was expected");
            }
            if (!record.document) record.raw = std::exchange(record.json, {});
            return record;
        }
    }

  private:
    value::LineReader reader_;
    value::JsonParser parser_;
    std::uint64_t records_;
};

// Feeds the beginning of the file until the header is known.
Result<void> read_header(value::CsvReader& reader, SourceFile& file) {
    for (std::uint64_t offset = 0; reader.columns().empty();) {
        TRY(const auto chunk, file.read_at(offset, kChunk));
        offset += chunk.size();
        reader.feed(chunk);
        TRY(std::ignore, chunk.empty() ? reader.finish() : reader.next());
        if (chunk.empty()) break;
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> read_csv_columns(const Stream& stream, SourceFile& file) {
    if (!stream.csv.columns.empty()) return stream.csv.columns;
    TRY(auto reader, value::CsvReader::make(stream.csv));
    CHECK_OK(read_header(reader, file));
    return reader.columns();
}

Result<std::unique_ptr<RecordReader>> make_reader(const Stream& stream, SourceFile& file, Position from) {
    if (stream.format == Format::ndjson || stream.format == Format::xlsx)
        return std::make_unique<NdjsonRecords>(stream.max_record, from);
    if (stream.format == Format::json) return make_json_array_reader(stream, from);
    if (stream.format == Format::xml) return make_xml_reader(stream, from);
    auto options = stream.csv;
    if (from.offset > 0) {
        TRY(options.columns, read_csv_columns(stream, file));
    }
    TRY(auto reader, value::CsvReader::make(options));
    if (from.offset > 0) reader.resume(from.offset, from.record, from.line);
    return std::make_unique<CsvRecords>(std::move(reader));
}

}  // namespace tributary::connectors::file
