#include "connectors/data/file/file_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::connectors::file {

using connector::Cursor;
using connector::Page;

namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr std::size_t kPageBytes = 8 << 20;
constexpr std::size_t kPrinted = 4096;

// The first and the last bytes before the offset: a file written anew differs in one of them, as good as always.
Result<std::string> print_of(const FileHandle& file, std::uint64_t offset) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(offset, kPrinted));
    TRY(auto bytes, file.read_at(0, size));
    TRY(const auto tail, file.read_at(offset - size, size));
    return to_hex(crypto::sha256(bytes + tail).view().substr(0, 8));
}

// Names in their order. not_found when the stream names one file and it is not there.
Result<std::vector<std::string>> list(const Stream& stream) {
    if (!stream.wild()) return std::vector{stream.pattern};
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(stream.directory, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename().string();
        if (matches(stream.pattern, name) && entry->is_regular_file()) names.push_back(name);
    }
    if (error) return fail(Fault::not_found, fmt::format("{}: {}", stream.directory.string(), error.message()));
    std::ranges::sort(names);
    return names;
}

// Reads one file from its state on, until the page is full or the file ends.
class FileReading {
  public:
    FileReading(const Stream& stream, const std::string& name, FileState& state, Page& page)
        : stream_(stream), name_(name), state_(state), page_(page) {}

    // True when the file's end was reached. An error is the whole file's: it is told as broken, once.
    Result<bool> read(const FileHandle& file, Timestamp now) {
        TRY(const auto stat, file.stat());
        CHECK_OK(settle_state(file, stat));
        if (state_.complete) return true;
        TRY(const auto reader, make_reader(stream_, file, state_.position));
        std::uint64_t at = state_.position.offset;
        for (;;) {
            TRY(const bool full, drain(*reader, false));
            if (full) return keep_print(file, false);
            if (at >= stat.size) break;
            TRY(const auto chunk,
                file.read_at(at, static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, stat.size - at))));
            if (chunk.empty()) break;
            at += chunk.size();
            reader->feed(chunk);
        }
        // A last record without its end may still be being written: it is told when the file has rested, and the
        // position stays before it, so that it is read again should it grow after all.
        const auto age =
            now - Timestamp(std::chrono::duration_cast<Milliseconds>(std::chrono::nanoseconds(stat.modified_ns)));
        if (age < stream_.settle) return keep_print(file, true);
        const auto before = state_.position;
        TRY(std::ignore, drain(*reader, true));
        state_.position = before;
        state_.complete = stat;
        return keep_print(file, true);
    }

    void broken(std::string place, std::string raw, Error error) {
        page_.broken.push_back({fmt::format("{} {}", name_, place), std::move(raw), std::move(error)});
    }

  private:
    // Decides where reading goes on.
    Result<void> settle_state(const FileHandle& file, const FileStat& stat) {
        if (state_.complete == stat) return {};
        const bool touched = state_.complete && state_.complete->size == stat.size;
        const bool again = touched || (state_.complete && stream_.reread) || state_.position.offset > stat.size;
        state_.complete.reset();
        TRY(const auto print, print_of(file, again ? 0 : state_.position.offset));
        if (again || print != state_.print) state_.position = {};
        return {};
    }

    Result<bool> keep_print(const FileHandle& file, bool ended) {
        TRY(state_.print, print_of(file, state_.position.offset));
        return ended;
    }

    // Takes the records that are there; true when the page is full. After the end the page takes all that is left.
    Result<bool> drain(RecordReader& reader, bool finished) {
        while (finished || !full()) {
            TRY(auto record, reader.next(finished));
            if (!record) return false;
            state_.position = record->after;
            add(std::move(*record));
        }
        return true;
    }

    bool full() const { return page_.records.size() + page_.broken.size() >= stream_.page || bytes_ >= kPageBytes; }

    void add(FileRecord record) {
        if (!record.document) return broken(record.place, std::move(record.raw), std::move(record.document).error());
        auto key = stream_.key.render(record.document->root());
        if (key && key->empty()) key = fail(Fault::bad_input, "the key is empty");
        if (!key) return broken(record.place, std::move(record.json), std::move(key).error());
        bytes_ += record.json.size();
        page_.records.push_back({std::move(*key), std::move(record.json)});
    }

    const Stream& stream_;
    const std::string& name_;
    FileState& state_;
    Page& page_;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<Page> FileSource::read(const std::string& name, const Cursor& saved) const {
    const auto found = settings_.streams.find(name);
    if (found == settings_.streams.end()) {
        return fail(Fault::bad_config, fmt::format("there is no stream {} in settings.streams", name));
    }
    const auto& stream = found->second;
    TRY(auto cursor, FileCursor::read(saved.json));
    TRY(const auto names, list(stream));
    std::erase_if(cursor.files, [&](const auto& entry) { return !std::ranges::binary_search(names, entry.first); });
    Page page;
    page.last = true;
    for (const auto& file_name : names) {
        TRY(const auto file, FileHandle::open_read(stream.directory / file_name));
        TRY(const auto stat, file.stat());
        auto& state = cursor.files[file_name];
        if (stat.size == 0 || state.complete == stat) continue;
        FileReading reading(stream, file_name, state, page);
        auto ended = reading.read(file, clock_.now());
        if (!ended && ended.error().fault != Fault::bad_input) return pass(std::move(ended), file_name);
        if (!ended) {
            // Nothing more can be read of this file; it is tried again when it changes.
            reading.broken("cannot be read on", "", std::move(ended).error());
            state.complete = stat;
            TRY(state.print, print_of(file, state.position.offset));
        } else if (!*ended) {
            page.last = false;
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

Result<void> FileSource::check() const {
    for (const auto& [name, stream] : settings_.streams) {
        const auto check = [&]() -> Result<void> {
            TRY(const auto names, list(stream));
            if (names.empty()) return {};  // they may come later
            TRY(const auto file, FileHandle::open_read(stream.directory / names.front()));
            TRY(const auto stat, file.stat());
            if (stream.format != Format::csv || stat.size == 0) return {};
            TRY(const auto columns, read_csv_columns(stream, file));
            for (const auto& field : stream.key.fields()) {
                if (std::ranges::find(columns, field) != columns.end()) continue;
                const auto meant = nearest(field, columns);
                return fail(Fault::bad_config, fmt::format("{} has no column {}, which the key needs{}", names.front(),
                                                           field, meant ? "; there is " + *meant : ""));
            }
            return {};
        };
        if (auto checked = check(); !checked) return pass(std::move(checked), "stream " + name);
    }
    return {};
}

}  // namespace tributary::connectors::file
