#include "gateway/backup/rows.hpp"

namespace tributary::backup {
namespace {

constexpr std::size_t kMostColumns = 1000;

void put_number(std::uint64_t number, std::size_t size, std::string& out) {
    for (std::size_t i = size; i-- > 0;) out += static_cast<char>(number >> (8 * i));
}

}  // namespace

void write_columns(const std::vector<std::string>& columns, std::string& out) {
    put_number(columns.size(), 2, out);
    for (const auto& column : columns) {
        put_number(column.size(), 2, out);
        out += column;
    }
}

void write_row(const store::Cells& cells, std::string& out) {
    out += 'r';
    for (const auto& cell : cells) {
        if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
            out += 'i';
            put_number(static_cast<std::uint64_t>(*integer), 8, out);
        } else if (const auto* text = std::get_if<std::string>(&cell)) {
            out += 't';
            put_number(text->size(), 4, out);
            out += *text;
        } else if (const auto* blob = std::get_if<store::Bytes>(&cell)) {
            out += 'b';
            put_number(blob->bytes.size(), 4, out);
            out += blob->bytes;
        } else {
            out += 'n';
        }
    }
}

std::optional<std::string_view> RowReader::bytes(std::size_t& at, std::size_t size) const {
    if (waiting_.size() - at < size) return std::nullopt;
    const auto found = std::string_view(waiting_).substr(at, size);
    at += size;
    return found;
}

std::optional<std::uint64_t> RowReader::number(std::size_t& at, std::size_t size) const {
    const auto found = bytes(at, size);
    if (!found) return std::nullopt;
    std::uint64_t out = 0;
    for (const char c : *found) out = out << 8 | static_cast<std::uint8_t>(c);
    return out;
}

Result<bool> RowReader::take_columns() {
    auto at = begin_;
    const auto count = number(at, 2);
    if (!count) return false;
    if (*count == 0 || *count > kMostColumns) return fail(Fault::bad_input, "a table has from 1 to 1000 columns");
    std::vector<std::string> names;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const auto size = number(at, 2);
        const auto name = size ? bytes(at, *size) : std::nullopt;
        if (!name) return false;
        names.emplace_back(*name);
    }
    CHECK_OK(uses_.columns(names));
    columns_ = names.size();
    cells_.resize(*columns_);
    begin_ = at;
    return true;
}

Result<bool> RowReader::take_row() {
    auto at = begin_;
    const auto mark = bytes(at, 1);
    if (!mark) return false;
    if (*mark != "r") return fail(Fault::bad_input, "where a row should begin stands something else");
    for (auto& cell : cells_) {
        const auto kind = bytes(at, 1);
        if (!kind) return false;
        if (*kind == "n") {
            cell = std::monostate();
        } else if (*kind == "i") {
            const auto integer = number(at, 8);
            if (!integer) return false;
            cell = static_cast<std::int64_t>(*integer);
        } else if (*kind == "t" || *kind == "b") {
            const auto size = number(at, 4);
            if (!size) return false;
            if (*size > kLongestCell) return fail(Fault::bad_input, "a cell is longer than any that is written");
            const auto content = bytes(at, *size);
            if (!content) return false;
            if (*kind == "t")
                cell = std::string(*content);
            else
                cell = store::Bytes{std::string(*content)};
        } else {
            return fail(Fault::bad_input, "a cell is null, a number, text or bytes");
        }
    }
    CHECK_OK(uses_.row(cells_));
    ++rows_;
    begin_ = at;
    return true;
}

Result<bool> RowReader::take() {
    return columns_ ? take_row() : take_columns();
}

Result<void> RowReader::add(std::string_view bytes) {
    waiting_.erase(0, begin_);
    begin_ = 0;
    waiting_ += bytes;
    for (;;) {
        TRY(const auto more, take());
        if (!more) return {};
    }
}

Result<void> RowReader::finish() const {
    if (!columns_ || begin_ != waiting_.size()) return fail(Fault::bad_input, "the last row is cut off");
    return {};
}

}  // namespace tributary::backup
