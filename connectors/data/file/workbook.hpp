// Workbook: what must be known of an Excel file (.xlsx, ECMA-376) before a sheet's rows can be read: where the sheet
// lies, the texts that cells share, which formats are dates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/data/file/zip_directory.hpp"
#include "gateway/value/document.hpp"

namespace tributary::connectors::file {

class Workbook {
  public:
    static constexpr std::size_t kMostShared = 64 << 20;  // bytes of shared texts, which are held in memory

    // `sheet`: by name; "" is the first one. bad_input: broken, encrypted, an old .xls; the sheet's absence names those
    // that are there.
    static Result<Workbook> read(SourceFile& file, const std::string& sheet, std::uint64_t most_unpacked);

    const ZipEntry& sheet() const { return sheet_; }
    bool since_1904() const { return since_1904_; }
    bool is_date(std::size_t style) const { return style < dates_.size() && dates_[style]; }
    // nullopt: there is no such text.
    std::optional<std::string_view> shared(std::size_t at) const;

  private:
    Result<void> read_shared(SourceFile& file, const ZipEntry& entry, std::uint64_t most);
    void read_styles(value::Node styles);

    ZipEntry sheet_;
    bool since_1904_ = false;
    std::vector<bool> dates_;  // by style
    std::string texts_;
    std::vector<std::uint32_t> ends_;  // of the shared texts in texts_
};

// The text of a shared or inline string: <t> and the <t> of its runs, without phonetic hints.
std::string string_item(value::Node item);
// Its members, whatever prefix they have; one or several of that name.
std::vector<value::Node> children_of(value::Node node, std::string_view name);

}  // namespace tributary::connectors::file
