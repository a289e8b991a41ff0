// The rows of one table as a stream of bytes: its columns, then row after row. Read in pieces of any size.
//
// columns: count (2 bytes, big-endian), each name with its length (2). A row: 'r', then its cells: 'n' null; 'i' and 8
// bytes, big-endian; 't' text or 'b' bytes with their length (4).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"
#include "gateway/store/snapshot.hpp"

namespace tributary::backup {

// No cell is longer: SQLite itself takes no more.
inline constexpr std::size_t kLongestCell = 1'000'000'000;

void write_columns(const std::vector<std::string>& columns, std::string& out);
void write_row(const store::Cells& cells, std::string& out);

class RowReader {
  public:
    struct Uses {
        std::function<Result<void>(const std::vector<std::string>& columns)> columns;
        std::function<Result<void>(const store::Cells& cells)> row;
    };
    explicit RowReader(Uses uses) : uses_(std::move(uses)) {}

    // bad_input: not in this form. The errors of the uses are passed on.
    Result<void> add(std::string_view bytes);
    // bad_input when something is cut off.
    Result<void> finish() const;
    std::uint64_t rows() const { return rows_; }

  private:
    Result<bool> take();
    Result<bool> take_columns();
    Result<bool> take_row();
    std::optional<std::string_view> bytes(std::size_t& at, std::size_t size) const;
    std::optional<std::uint64_t> number(std::size_t& at, std::size_t size) const;

    Uses uses_;
    std::string waiting_;
    std::size_t begin_ = 0;  // of what was not read yet
    std::optional<std::size_t> columns_;
    store::Cells cells_;
    std::uint64_t rows_ = 0;
};

}  // namespace tributary::backup
