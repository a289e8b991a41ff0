#include "gateway/value/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/value/utf8.hpp"

namespace tributary::value {

namespace {

constexpr std::size_t kMaxRaw = 64UL << 10;  // of a broken row, kept for people to see
constexpr const char* kTooLong = "the row is longer than allowed";

std::string_view without_line_end(std::string_view raw) {
    if (raw.ends_with('\n')) raw.remove_suffix(1);
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    return raw;
}

}  // namespace

Result<CsvReader> CsvReader::make(CsvOptions options) {
    const auto bad = [](std::string what) { return fail(Fault::bad_config, std::move(what)); };
    if (options.columns.empty() && !options.header) return bad("columns are needed for CSV without a header");
    if (options.delimiter == options.quote) return bad("the delimiter and the quote must differ");
    for (const char c : {options.delimiter, options.quote}) {
        if (c == '\n' || c == '\r' || static_cast<unsigned char>(c) >= 0x80)
            return bad("the delimiter and the quote must be ASCII and no line end");
    }
    auto names = options.columns;
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
        return bad(fmt::format("column '{}' is named twice", *twice));
    }
    return CsvReader(std::move(options));
}

void CsvReader::resume(std::uint64_t offset, std::uint64_t row, std::uint64_t line) {
    queue_ = ByteQueue(offset);
    if (columns_.empty()) columns_ = options_.columns;
    header_read_ = true;
    at_start_ = skipping_ = false;
    row_ = row;
    line_ = line;
}

// Finds the fields of the row at the front of `rest`. `size` includes the line end.
CsvReader::Scan CsvReader::scan(std::string_view rest, bool finished, std::size_t& size, const char*& reason) {
    const auto stop_for = [&](const char* why) {
        if (!finished && rest.size() <= options_.max_row) return Scan::more;
        reason = rest.size() > options_.max_row ? kTooLong : why;
        return Scan::broken;
    };
    const auto broken = [&](const char* why) {
        reason = why;
        return Scan::broken;
    };
    const auto n = rest.size();
    fields_.clear();
    for (std::size_t i = 0;; ++i) {
        if (i < n && rest[i] == options_.quote) {
            const auto begin = ++i;
            bool doubled = false;
            for (;; doubled = true, i += 2) {
                i = std::min(rest.find(options_.quote, i), n);
                if (i == n) return stop_for("a quoted field is not closed");
                if (i + 1 == n || rest[i + 1] != options_.quote) break;
            }
            fields_.push_back({begin, i - begin, doubled});
            ++i;
            if (i < n && rest[i] == '\r') ++i;
            if (i == n && !finished) return stop_for(kTooLong);
            if (i < n && rest[i] != '\n' && (rest[i] != options_.delimiter || rest[i - 1] == '\r')) {
                return broken("characters follow a closing quote");
            }
        } else {
            const auto begin = i;
            while (i < n && rest[i] != options_.delimiter && rest[i] != options_.quote && rest[i] != '\n') ++i;
            if (i == n && !finished) return stop_for(kTooLong);
            if (i < n && rest[i] == options_.quote) return broken("a quote stands inside an unquoted field");
            const bool carriage = i > begin && rest[i - 1] == '\r' && (i == n || rest[i] == '\n');
            fields_.push_back({begin, i - begin - carriage, false});
        }
        if (i == n || rest[i] == '\n') {
            size = std::min(i + 1, n);
            return size > options_.max_row ? broken(kTooLong) : Scan::row;
        }
    }
}

// Where a broken row ends: 0 when its line end has not come yet.
std::size_t CsvReader::first_line_end(std::string_view rest, bool finished) const {
    const auto end = rest.find('\n');
    if (end != rest.npos) return end + 1;
    return finished || rest.size() > options_.max_row ? rest.size() : 0;
}

void CsvReader::consume(std::size_t size) {
    const auto bytes = queue_.rest().substr(0, size);
    line_ += static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
    queue_.consume(size);
}

Result<std::optional<CsvRow>> CsvReader::read(bool finished) {
    for (;;) {
        if (skipping_) {
            const auto rest = queue_.rest();
            const auto end = rest.find('\n');
            skipping_ = end == rest.npos;
            consume(skipping_ ? rest.size() : end + 1);
        }
        auto rest = queue_.rest();
        if (at_start_ && (finished || rest.size() >= kByteOrderMark.size())) {
            if (rest.starts_with(kByteOrderMark)) queue_.consume(kByteOrderMark.size());
            rest = queue_.rest();
            at_start_ = false;
        }
        if (rest.empty() || at_start_) {
            if (finished && !header_read_ && options_.header)
                return fail(Fault::bad_input, "the file has no header row");
            return std::nullopt;
        }
        std::size_t size = 0;
        const char* reason = nullptr;
        const auto found = scan(rest, finished, size, reason);
        if (found == Scan::more) return std::nullopt;
        if (found == Scan::broken) {
            size = first_line_end(rest, finished);
            if (size == 0) return std::nullopt;
            skipping_ = rest[size - 1] != '\n';
        }
        const auto raw = without_line_end(rest.substr(0, size)).substr(0, kMaxRaw);
        if (found == Scan::row && fields_.size() == 1 && raw.empty()) {
            consume(size);
            continue;
        }
        const auto line = line_;
        const auto place = fmt::format("line {}", line);
        if (!header_read_ && !options_.header) {
            columns_ = options_.columns;
            header_read_ = true;
        }
        if (!header_read_) {
            if (reason) return fail(Fault::bad_input, reason, place);
            if (auto taken = take_header(rest.substr(0, size)); !taken) return pass(std::move(taken), place);
            consume(size);
            continue;
        }
        auto document = reason ? Result<Document>(fail(Fault::bad_input, reason)) : make_document(rest.substr(0, size));
        consume(size);
        if (!document) document = pass(std::move(document), place);
        return CsvRow{std::move(document), raw, line, ++row_, queue_.offset(), line_};
    }
}

Result<void> CsvReader::take_header(std::string_view raw) {
    header_read_ = true;
    columns_ = options_.columns;
    if (!columns_.empty()) return {};
    if (!valid_utf8(raw)) return fail(Fault::bad_input, "the header row is not UTF-8");
    for (const auto& field : fields_) {
        auto name = std::string(trim(field_text(raw, field)));
        if (name.empty()) name = fmt::format("column_{}", columns_.size() + 1);
        if (const auto same = std::ranges::find(columns_, name); same != columns_.end()) {
            return fail(Fault::bad_input, fmt::format("column {} has the name of column {}", columns_.size() + 1,
                                                      same - columns_.begin() + 1));
        }
        columns_.push_back(std::move(name));
    }
    return {};
}

std::string_view CsvReader::field_text(std::string_view raw, const Field& field) {
    const auto text = raw.substr(field.offset, field.size);
    if (!field.doubled) return text;
    unquoted_.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        unquoted_ += text[i];
        if (text[i] == options_.quote) ++i;
    }
    return unquoted_;
}

Result<Document> CsvReader::make_document(std::string_view raw) {
    if (fields_.size() != columns_.size()) {
        return fail(Fault::bad_input,
                    fmt::format("{} fields were expected, {} found", columns_.size(), fields_.size()));
    }
    if (!valid_utf8(raw)) return fail(Fault::bad_input, "invalid UTF-8");
    builder_.begin_object();
    for (std::size_t i = 0; i < fields_.size(); ++i) builder_.key(columns_[i]).text(field_text(raw, fields_[i]));
    return builder_.end().take();
}

}  // namespace tributary::value
