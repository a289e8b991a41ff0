#include "connectors/data/file/record_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connectors::file {

using connector::Push;

namespace {

// Says that the record is gone: an extra member of a line, or a column of that name.
constexpr std::string_view kDeleted = "_deleted";

Result<value::Document> as_deleted(const value::Document& record) {
    value::Builder out;
    out.begin_object().key(kDeleted).boolean(true);
    for (auto member : record.root()) {
        if (member.key() != kDeleted) out.key(member.key()).copy(member);
    }
    return out.end().take();
}

Result<void> add_line(const Action& action, value::Node record, std::string& out) {
    if (action.format == Format::ndjson) {
        value::write_json(record, out);
        out += '\n';
        return {};
    }
    for (auto member : record) {
        const std::string name(member.key());
        if (std::ranges::find(action.columns, name) != action.columns.end()) continue;
        const auto meant = nearest(name, action.columns);
        return fail(Fault::bad_input, fmt::format("the file has no column {}{}", name, meant ? ", but " + *meant : ""));
    }
    value::CsvWriter(action.columns, action.csv).row(record, out);
    return {};
}

}  // namespace

Result<void> add_item(const Action& action, const Push& item, std::string& out) {
    if (!item.record.root().is(value::Kind::object)) return fail(Fault::bad_input, "the record must be an object");
    if (!item.deleted) return add_line(action, item.record.root(), out);
    TRY(const auto deleted, as_deleted(item.record));
    return add_line(action, deleted.root(), out);
}

}  // namespace tributary::connectors::file
