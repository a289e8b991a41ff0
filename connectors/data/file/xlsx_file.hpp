// XlsxFile: a sheet of an Excel workbook as NDJSON, a line for each row, so that line numbers are row numbers: rows
// before and of the header, and empty ones, are empty lines. The rest of reading is that of NDJSON.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/data/file/source_file.hpp"

namespace tributary::connectors::file {

struct XlsxOptions {
    std::string sheet;                  // "": the first
    std::uint64_t header_row = 1;       // which row names the columns; 0: `columns` does
    std::vector<std::string> columns;   // A, B, C, ... in their order
    std::size_t longest_row = 1 << 20;  // bytes of a row's XML
    std::uint64_t most_unpacked = std::uint64_t{4} << 30;
};

// Numbers stand exactly as in the workbook; dates (told by their number format) as "2024-01-31" or
// "2024-01-31T12:30:00"; truth values as such; an error such as #N/A as its text; an empty cell is null.
std::unique_ptr<SourceFile> open_xlsx(std::unique_ptr<SourceFile> packed, XlsxOptions options);
// The columns, without reading rows behind the header.
Result<std::vector<std::string>> read_xlsx_columns(SourceFile& packed, const XlsxOptions& options);

}  // namespace tributary::connectors::file
