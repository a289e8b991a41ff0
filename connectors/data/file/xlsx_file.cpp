#include "connectors/data/file/xlsx_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "connectors/data/file/sequential_file.hpp"
#include "connectors/data/file/workbook.hpp"
#include "connectors/data/file/xlsx_cell.hpp"
#include "connectors/data/file/xml_elements.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/number.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::connectors::file {

namespace {

constexpr std::uint64_t kMostRows = 1'048'576;
constexpr std::size_t kLines = 64 << 10;  // bytes of lines made at once

// Turns the rows of one sheet into lines.
class Rows {
  public:
    Rows(SourceFile& file, Workbook book, Packed packed, const XlsxOptions& options)
        : book_(std::move(book)),
          options_(options),
          stream_(file, packed, options.most_unpacked),
          elements_("row", options.longest_row),
          columns_(options.header_row == 0 ? options.columns : std::vector<std::string>()) {}

    static Result<Rows> open(SourceFile& file, const XlsxOptions& options) {
        TRY(auto book, Workbook::read(file, options.sheet, options.most_unpacked));
        TRY(const auto packed, locate(file, book.sheet()));
        return Rows(file, std::move(book), packed, options);
    }

    const std::vector<std::string>& columns() const { return columns_; }

    // Appends a few hundred lines, or one that is long.
    Result<bool> more(std::string& out) {
        const auto enough = out.size() + kLines;
        while (out.size() < enough) {
            auto row = elements_.next();
            if (!row) return pass(std::move(row), fmt::format("behind row {}", row_));
            if (*row) {
                CHECK_OK(add_row(**row, out));
                continue;
            }
            if (ended_) {
                CHECK_OK(check_end());
                return false;
            }
            std::string piece;
            TRY(const bool goes_on, stream_.more(piece));
            elements_.feed(piece);
            if (goes_on) continue;
            ended_ = true;
            if (stream_.crc() != book_.sheet().crc) return fail(Fault::bad_input, "the sheet is broken");
        }
        return true;
    }

    // What can be said only of the whole sheet.
    Result<void> check_end() const {
        if (!elements_.whole()) return fail(Fault::bad_input, "the sheet ends inside a row");
        if (!columns_.empty()) return {};
        return fail(Fault::bad_input,
                    fmt::format("the sheet has no row {}, which names the columns", options_.header_row));
    }

  private:
    struct Cell {
        std::string json, text;  // as a value, and as a column's name
    };

    Result<void> add_row(std::string_view xml, std::string& out) {
        auto parsed = value::parse_xml(xml);
        if (!parsed) return pass(std::move(parsed), fmt::format("behind row {}", row_));
        const auto row = parsed->root().at(0);
        const auto number = to_integer(row.find("@r").scalar_text());
        const auto at = number ? static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0)) : row_ + 1;
        if (at <= row_ || at > kMostRows) return fail(Fault::bad_input, fmt::format("row {} follows row {}", at, row_));
        out.append(static_cast<std::size_t>(at - row_ - 1), '\n');
        row_ = at;
        std::size_t size = 0;
        for (const auto& name : columns_) size += name.size() + 8;
        std::vector<std::optional<Cell>> cells;
        for (const auto& cell : children_of(row, "c")) {
            const auto reference = cell.find("@r").scalar_text();
            const auto column = reference.empty() ? std::optional(cells.size()) : column_of(reference);
            if (!column || *column > 16'383)
                return fail(Fault::bad_input, fmt::format("row {}: a cell has no place", row_));
            if (*column >= cells.size()) cells.resize(*column + 1);
            auto value = read(cell);
            if (!value) return pass(std::move(value), fmt::format("row {}", row_));
            if (*value) size += (*value)->json.size();
            // Shared texts make a short row a long one. Such a line is longer than the reader of lines allows: it is
            // quarantined alone.
            if (size > options_.longest_row) {
                out.append(options_.longest_row + 1, ' ').append("x\n");
                return {};
            }
            cells[*column] = std::move(*value);
        }
        if (row_ == options_.header_row) CHECK_OK(name_columns(cells));
        if (row_ > options_.header_row) write(cells, out);
        out += '\n';
        return {};
    }

    Result<void> name_columns(const std::vector<std::optional<Cell>>& cells) {
        std::set<std::string> names;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            auto name = cells[i] ? std::string(trim(cells[i]->text)) : std::string();
            if (name.empty()) name = column_name(i);
            if (!names.insert(name).second)
                return fail(Fault::bad_input, fmt::format("two columns are named {}", name),
                            fmt::format("row {}", row_));
            columns_.push_back(std::move(name));
        }
        return {};
    }

    // nullopt: an empty cell.
    Result<std::optional<Cell>> read(value::Node cell) const {
        if (!cell.is(value::Kind::object)) return std::nullopt;
        const auto type = cell.find("@t").scalar_text();
        const auto texts = children_of(cell, "v");
        auto value = texts.empty()                      ? std::string()
                     : texts[0].is(value::Kind::object) ? texts[0].find("#text").scalar_text()
                                                        : texts[0].scalar_text();
        if (type == "inlineStr") {
            std::string text;
            for (const auto& inside : children_of(cell, "is")) text += string_item(inside);
            return text.empty() ? std::nullopt : std::optional(as_text(text));
        }
        if (value.empty()) return std::nullopt;
        if (type == "s") {
            const auto at = to_integer(value);
            const auto text = at && *at >= 0 ? book_.shared(static_cast<std::size_t>(*at)) : std::nullopt;
            if (!text) return fail(Fault::bad_input, "a cell refers to a text that the workbook does not have");
            return text->empty() ? std::nullopt : std::optional(as_text(*text));
        }
        if (type == "b") return Cell{value == "1" ? "true" : "false", value == "1" ? "TRUE" : "FALSE"};
        if (type == "str" || type == "e" || type == "d") return as_text(value);
        const auto style = to_integer(cell.find("@s").scalar_text()).value_or(0);
        if (style >= 0 && book_.is_date(static_cast<std::size_t>(style))) {
            if (const auto date = date_of(value, book_.since_1904())) return as_text(*date);
        }
        if (value::is_json_number(value)) return Cell{value, value};
        return as_text(value);
    }

    static Cell as_text(std::string_view text) {
        Cell cell{{}, std::string(text)};
        value::write_json_string(text, cell.json);
        return cell;
    }

    // Columns without a name are named by their letters: nothing that stands in the sheet is dropped.
    void write(const std::vector<std::optional<Cell>>& cells, std::string& out) const {
        if (std::ranges::none_of(cells, [](const auto& cell) { return cell.has_value(); })) return;
        out += '{';
        for (std::size_t i = 0; i < std::max(cells.size(), columns_.size()); ++i) {
            const bool there = i < cells.size() && cells[i];
            if (i >= columns_.size() && !there) continue;
            if (out.back() != '{') out += ',';
            value::write_json_string(i < columns_.size() ? columns_[i] : column_name(i), out);
            out += ':';
            out += there ? cells[i]->json : "null";
        }
        out += '}';
    }

    Workbook book_;
    XlsxOptions options_;
    InflateStream stream_;
    XmlElements elements_;
    std::vector<std::string> columns_;
    std::uint64_t row_ = 0;
    bool ended_ = false;
};

class XlsxFile final : public SequentialFile {
  public:
    XlsxFile(std::unique_ptr<SourceFile> packed, XlsxOptions options)
        : SequentialFile(std::move(packed)), options_(std::move(options)) {}

  protected:
    Result<void> restart() override {
        TRY(auto rows, Rows::open(packed(), options_));
        rows_.emplace(std::move(rows));
        return {};
    }
    Result<bool> more(std::string& out) override { return rows_->more(out); }

  private:
    XlsxOptions options_;
    std::optional<Rows> rows_;
};

}  // namespace

std::unique_ptr<SourceFile> open_xlsx(std::unique_ptr<SourceFile> packed, XlsxOptions options) {
    return std::make_unique<XlsxFile>(std::move(packed), std::move(options));
}

Result<std::vector<std::string>> read_xlsx_columns(SourceFile& packed, const XlsxOptions& options) {
    TRY(auto rows, Rows::open(packed, options));
    for (bool goes_on = true; goes_on && rows.columns().empty();) {
        std::string lines;
        TRY(goes_on, rows.more(lines));
    }
    return rows.columns();
}

}  // namespace tributary::connectors::file
