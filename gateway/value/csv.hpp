// CSV (RFC 4180) in and out. A broken row is one row's error: reading goes on at the next line, so a stray quote costs
// one row and not the rest of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/value/byte_queue.hpp"
#include "gateway/value/document.hpp"

namespace tributary::value {

struct CsvOptions {
    char delimiter = ',';
    char quote = '"';
    bool header = true;                // the first row names the columns
    std::vector<std::string> columns;  // given names; with `header` too, the first row is skipped
    std::size_t max_row = 1UL << 20;   // bytes
};

struct CsvRow {
    Result<Document> document;  // an object of texts, one for each column; or bad_input, saying why the row is broken
    std::string_view raw;       // the row as it stands in the file; valid until the next call of the reader
    std::uint64_t line;         // where the row begins, from 1; a row with line ends inside quotes spans several
    std::uint64_t row;          // number of the row, from 1, the header not counted; broken ones are
    std::uint64_t end;          // byte offset after the row: reading can go on here
    std::uint64_t end_line;     // the number of the line that begins there
};

// Reads chunks. A byte order mark is skipped, lines end in LF or CRLF, blank lines are passed over. Every row must have
// as many fields as there are columns. An empty field is an empty text.
class CsvReader {
  public:
    // bad_config: no columns, delimiter and quote the same, a column named twice.
    static Result<CsvReader> make(CsvOptions options);

    // To go on in the middle: `end`, `row` and `end_line` of the row read last. The header must be known: either
    // options.columns was given, or the reader has read the beginning of the file before.
    void resume(std::uint64_t offset, std::uint64_t row, std::uint64_t line);

    // REQUIRES: next() has returned nullopt, or nothing was fed yet.
    void feed(std::string_view chunk) { queue_.feed(chunk); }
    // nullopt: feed more. An error of next() itself is a bad header: nothing can be read.
    Result<std::optional<CsvRow>> next() { return read(false); }
    // After the last chunk, until it gives nullopt: the rows at the end of the input.
    Result<std::optional<CsvRow>> finish() { return read(true); }

    // Empty until the header has been read.
    const std::vector<std::string>& columns() const { return columns_; }

  private:
    explicit CsvReader(CsvOptions options) : options_(std::move(options)) {}

    struct Field {
        std::size_t offset, size;
        bool doubled;  // holds doubled quotes
    };
    enum class Scan { more, row, broken };
    Scan scan(std::string_view rest, bool finished, std::size_t& size, const char*& reason);
    Result<std::optional<CsvRow>> read(bool finished);
    Result<void> take_header(std::string_view raw);
    Result<Document> make_document(std::string_view raw);
    std::string_view field_text(std::string_view raw, const Field& field);
    std::size_t first_line_end(std::string_view rest, bool finished) const;
    void consume(std::size_t size);

    CsvOptions options_;
    std::vector<std::string> columns_;
    ByteQueue queue_;
    bool header_read_ = false, at_start_ = true;
    std::uint64_t line_ = 1, row_ = 0;
    bool skipping_ = false;  // the rest of a line that is too long
    std::vector<Field> fields_;
    std::string unquoted_;
    Builder builder_;
};

struct CsvWriterOptions {
    char delimiter = ',';
    char quote = '"';
    // Text that a spreadsheet would run (first character = + - @ tab or CR) gets an apostrophe in front.
    bool escape_formulas = false;
};

// Writes rows ended by CRLF. A field is quoted when it must be.
class CsvWriter {
  public:
    explicit CsvWriter(std::vector<std::string> columns, CsvWriterOptions options = {})
        : columns_(std::move(columns)), options_(options) {}

    void header(std::string& out) const;
    // One field for each column: scalars as text, null and missing empty, objects and arrays as JSON. Members that are
    // no column are left out.
    void row(Node object, std::string& out) const;

  private:
    void field(std::string_view text, bool escape_formula, std::string& out) const;
    std::vector<std::string> columns_;
    CsvWriterOptions options_;
};

}  // namespace tributary::value
