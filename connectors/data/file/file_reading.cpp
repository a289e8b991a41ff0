#include "connectors/data/file/file_reading.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/data/file/decoded_file.hpp"
#include "connectors/data/file/inflate_stream.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::connectors::file {

using connector::Page;

namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr std::size_t kPageBytes = 8 << 20;
constexpr std::size_t kPrinted = 4096;

}  // namespace

std::unique_ptr<SourceFile> unpacked(const Stream& stream, std::unique_ptr<SourceFile> file, const std::string& name) {
    if (stream.zipped(name)) file = open_gzip(std::move(file), stream.max_unpacked);
    if (stream.format == Format::xlsx) return open_xlsx(std::move(file), stream.xlsx);
    if (!stream.encoding.empty()) file = open_decoded(std::move(file), stream.encoding);
    return file;
}

Result<FileReading> FileReading::open(const Stream& stream, Location& location, const std::string& name) {
    TRY(auto raw, location.open(stream.directory, name));
    FileReading reading(stream, name);
    TRY(reading.stat_, raw->stat());
    reading.file_ = unpacked(stream, std::move(raw), name);
    return reading;
}

// The first and the last bytes before the offset: a file written anew differs in one of them, as good as always. What
// is read as a whole is known by its size and time.
Result<std::string> FileReading::print_of(std::uint64_t offset) {
    if (stream_->whole(name_)) {
        const auto text = fmt::format("{} {} {}", stat_.size, stat_.modified_ns, stat_.tag);
        return to_hex(crypto::sha256(text).view().substr(0, 8));
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(offset, kPrinted));
    TRY(auto bytes, file_->read_at(0, size));
    TRY(const auto tail, file_->read_at(offset - size, size));
    return to_hex(crypto::sha256(bytes + tail).view().substr(0, 8));
}

// Decides where reading goes on.
Result<void> FileReading::settle_state(FileState& state) {
    if (state.complete == stat_) return {};
    const bool touched = state.complete && state.complete->size == stat_.size;
    bool again = touched || (state.complete && stream_->reread);
    if (!stream_->whole(name_)) again = again || state.position.offset > stat_.size;
    state.complete.reset();
    TRY(const auto print, print_of(again ? 0 : state.position.offset));
    if (again || print != state.print) state.position = {};
    return {};
}

Result<bool> FileReading::read(FileState& state, Timestamp now, Page& page) {
    bytes_ = 0;
    const auto age =
        now - Timestamp(std::chrono::duration_cast<Milliseconds>(std::chrono::nanoseconds(stat_.modified_ns)));
    // No wait at all does not depend on whose clock is ahead.
    const bool rested = stream_->settle.count() == 0 || age >= stream_->settle, whole = stream_->whole(name_);
    if (whole && !rested) return true;  // perhaps half written; a later run reads it
    CHECK_OK(settle_state(state));
    if (state.complete) return true;
    if (!stands_at(state.position)) {
        TRY(reader_, make_reader(*stream_, *file_, state.position));
        at_ = state.position.offset;
    }
    for (;;) {
        TRY(const bool full, drain(state, page, false));
        position_ = state.position;
        if (full) {
            TRY(state.print, print_of(state.position.offset));
            return false;
        }
        if (!whole && at_ >= stat_.size) break;
        const auto size = whole ? kChunk : std::min<std::uint64_t>(kChunk, stat_.size - at_);
        TRY(const auto chunk, file_->read_at(at_, static_cast<std::size_t>(size)));
        if (chunk.empty()) break;
        at_ += chunk.size();
        reader_->feed(chunk);
    }
    // A last record without its end may still be being written: it is told when the file has rested, and the position
    // stays before it, so that it is read again should it grow after all.
    if (rested) {
        const auto before = state.position;
        TRY(std::ignore, drain(state, page, true));
        state.position = before;
        state.complete = stat_;
    }
    TRY(state.print, print_of(state.position.offset));
    return true;
}

Result<void> FileReading::give_up(Error error, FileState& state, Page& page) {
    broken("cannot be read on", "", std::move(error), page);
    state.complete = stat_;
    TRY(state.print, print_of(state.position.offset));
    return {};
}

// Takes the records that are there; true when the page is full. After the end the page takes all that is left.
Result<bool> FileReading::drain(FileState& state, Page& page, bool finished) {
    while (finished || !full(page)) {
        TRY(auto record, reader_->next(finished));
        if (!record) return false;
        state.position = record->after;
        add(std::move(*record), page);
    }
    return true;
}

bool FileReading::full(const Page& page) const {
    return page.records.size() + page.broken.size() >= stream_->page || bytes_ >= kPageBytes;
}

void FileReading::broken(std::string place, std::string raw, Error error, Page& page) const {
    page.broken.push_back({fmt::format("{} {}", name_, place), std::move(raw), std::move(error)});
}

void FileReading::add(FileRecord record, Page& page) {
    if (!record.document) return broken(record.place, std::move(record.raw), std::move(record.document).error(), page);
    auto key = stream_->key.render(record.document->root());
    if (key && key->empty()) key = fail(Fault::bad_input, "the key is empty");
    if (!key) return broken(record.place, std::move(record.json), std::move(key).error(), page);
    bytes_ += record.json.size();
    page.records.push_back({std::move(*key), std::move(record.json)});
}

}  // namespace tributary::connectors::file
