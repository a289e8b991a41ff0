#include "connectors/data/file/file_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gateway/base/text.hpp"

namespace tributary::connectors::file {

using connector::Cursor;
using connector::Page;

namespace {

// What other programs call a file that they are still writing.
constexpr std::string_view kUnfinished[] = {".part", ".filepart", ".partial", ".tmp", ".temp", ".crdownload"};

bool unfinished(const Stream& stream, std::string_view name) {
    if (name.starts_with('.') && !stream.pattern.starts_with('.')) return true;
    return std::ranges::any_of(kUnfinished,
                               [&](auto end) { return name.ends_with(end) && !stream.pattern.ends_with(end); });
}

// In the order of their names, those alone that count. not_found when the stream names one file and it is not there.
Result<std::vector<Entry>> entries_of(const Stream& stream, Location& location) {
    std::vector<Entry> entries;
    if (!stream.wild()) {
        if (!stream.marker.empty()) {
            TRY(const bool marked, location.exists(stream.directory, stream.pattern + stream.marker));
            if (!marked) return entries;
        }
        entries.push_back({stream.pattern, {}});
        return entries;
    }
    TRY(entries, location.list(stream.directory, stream.pattern));
    std::erase_if(entries, [&](const Entry& entry) {
        return unfinished(stream, entry.name) || (!stream.marker.empty() && entry.name.ends_with(stream.marker));
    });
    std::ranges::sort(entries, {}, &Entry::name);
    if (stream.marker.empty()) return entries;
    TRY(const auto marks, location.list(stream.directory, "*" + stream.marker));
    std::set<std::string> marked;
    for (const auto& mark : marks) marked.insert(mark.name);
    std::erase_if(entries, [&](const Entry& entry) { return !marked.contains(entry.name + stream.marker); });
    return entries;
}

}  // namespace

Result<FileReading> FileSource::reading_of(const std::string& stream_name, const Stream& stream, const Entry& entry,
                                           const FileState& state) {
    std::unique_ptr<FileReading> kept;
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = kept_.find(stream_name); found != kept_.end()) {
            kept = std::move(found->second);
            kept_.erase(found);
        }
    }
    const bool same = kept && kept->name() == entry.name && !state.complete && kept->stands_at(state.position);
    if (!same) return FileReading::open(stream, location_, entry.name);
    // It goes on in the file that it has open, unless another one stands in its place by now.
    if (entry.stat && *entry.stat == kept->stat()) return std::move(*kept);
    TRY(auto fresh, FileReading::open(stream, location_, entry.name));
    return fresh.stat() == kept->stat() ? std::move(*kept) : std::move(fresh);
}

Result<Page> FileSource::read(const std::string& name, const Cursor& saved) {
    const auto found = settings_.streams.find(name);
    if (found == settings_.streams.end()) {
        return fail(Fault::bad_config, fmt::format("there is no stream {} in settings.streams", name));
    }
    const auto& stream = found->second;
    TRY(auto cursor, FileCursor::read(saved.json));
    TRY(const auto entries, entries_of(stream, location_));
    std::erase_if(cursor.files,
                  [&](const auto& file) { return !std::ranges::binary_search(entries, file.first, {}, &Entry::name); });
    Page page;
    page.last = true;
    for (const auto& entry : entries) {
        auto& state = cursor.files[entry.name];
        if (entry.stat && (entry.stat->size == 0 || state.complete == *entry.stat)) continue;
        auto reading = reading_of(name, stream, entry, state);
        // Listed and gone since: a later run will not list it.
        if (!reading && reading.error().fault == Fault::not_found && stream.wild()) continue;
        if (!reading) return pass(std::move(reading), entry.name);
        if (reading->stat().size == 0 || state.complete == reading->stat()) continue;
        auto ended = reading->read(state, clock_.now(), page);
        if (!ended && ended.error().fault != Fault::bad_input) return pass(std::move(ended), entry.name);
        if (!ended) {
            CHECK_OK(reading->give_up(std::move(ended).error(), state, page));
        } else if (!*ended) {
            page.last = false;
            const std::scoped_lock lock(mutex_);
            kept_[name] = std::make_unique<FileReading>(std::move(*reading));
            break;
        }
    }
    page.cursor.json = cursor.write();
    return page;
}

run::Task<Result<Page>> FileSource::pull(std::string stream, Cursor cursor) {
    co_return co_await run::on(
        pool_, [this, stream = std::move(stream), cursor = std::move(cursor)] { return read(stream, cursor); });
}

Result<void> FileSource::check() {
    CHECK_OK(location_.check());
    for (const auto& [name, stream] : settings_.streams) {
        const auto check = [&]() -> Result<void> {
            TRY(const auto entries, entries_of(stream, location_));
            if (entries.empty()) return {};  // they may come later
            const auto& first = entries.front().name;
            TRY(auto raw, location_.open(stream.directory, first));
            TRY(const auto stat, raw->stat());
            if (stat.size == 0 || (stream.format != Format::csv && stream.format != Format::xlsx)) return {};
            std::vector<std::string> columns;
            if (stream.format == Format::xlsx) {
                TRY(columns, read_xlsx_columns(*raw, stream.xlsx));
            } else {
                const auto file = unpacked(stream, std::move(raw), first);
                TRY(columns, read_csv_columns(stream, *file));
            }
            for (const auto& field : stream.key.fields()) {
                if (std::ranges::find(columns, field) != columns.end()) continue;
                const auto meant = nearest(field, columns);
                return fail(Fault::bad_config, fmt::format("{} has no column {}, which the key needs{}", first, field,
                                                           meant ? "; there is " + *meant : ""));
            }
            return {};
        };
        if (auto checked = check(); !checked) return pass(std::move(checked), "stream " + name);
    }
    return {};
}

}  // namespace tributary::connectors::file
