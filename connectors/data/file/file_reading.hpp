// FileReading: one file of a stream, opened and unpacked, read on from where its state says. Kept between pages, so
// that a page costs no seeking and no unpacking from the beginning.
#pragma once

#include <memory>
#include <string>

#include "connectors/data/file/file_cursor.hpp"
#include "connectors/data/file/location.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/connector/connector.hpp"

namespace tributary::connectors::file {

class FileReading {
  public:
    // REQUIRES: `stream` outlives it.
    static Result<FileReading> open(const Stream& stream, Location& location, const std::string& name);

    const std::string& name() const { return name_; }
    const FileStat& stat() const { return stat_; }
    // Reads into the page until it is full or the file ends, which it returns as true; `state` is moved along, and
    // says so when the file is complete. An error of bad_input is the whole file's.
    Result<bool> read(FileState& state, Timestamp now, connector::Page& page);
    // Nothing more can be read of it: told as broken, once; it is tried again when it changes.
    Result<void> give_up(Error error, FileState& state, connector::Page& page);
    // Whether it can go on behind the position without seeking.
    bool stands_at(const Position& position) const { return reader_ && position.offset == position_.offset; }

  private:
    FileReading(const Stream& stream, std::string name) : stream_(&stream), name_(std::move(name)) {}
    Result<std::string> print_of(std::uint64_t offset);
    Result<void> settle_state(FileState& state);
    Result<bool> drain(FileState& state, connector::Page& page, bool finished);
    void add(FileRecord record, connector::Page& page);
    bool full(const connector::Page& page) const;
    void broken(std::string place, std::string raw, Error error, connector::Page& page) const;

    const Stream* stream_;
    std::string name_;
    std::unique_ptr<SourceFile> file_;
    FileStat stat_;
    std::unique_ptr<RecordReader> reader_;  // empty: begin at the state's position
    std::uint64_t at_ = 0;                  // what the reader was fed up to
    Position position_;                     // behind the last record that it gave
    std::size_t bytes_ = 0;                 // of the page
};

// The file as its records' text: unpacked, in UTF-8, a sheet as NDJSON.
std::unique_ptr<SourceFile> unpacked(const Stream& stream, std::unique_ptr<SourceFile> file, const std::string& name);

}  // namespace tributary::connectors::file
