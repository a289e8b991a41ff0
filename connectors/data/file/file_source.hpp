// FileSource: files as streams, by name, page by page and resumable behind any record. A file that grew goes on where
// it ended; one that was written anew is read again; one that did not change costs a stat.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "connectors/data/file/file_reading.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors::file {

class FileSource final : public connector::Source {
  public:
    // REQUIRES: everything referred to outlives this.
    FileSource(const FileSettings& settings, Location& location, const Clock& clock, run::Pool& pool)
        : settings_(settings), location_(location), clock_(clock), pool_(pool) {}

    run::Task<Result<connector::Page>> pull(std::string stream, connector::Cursor cursor) override;
    // The files are there, can be read, and the columns of the key are in the headers. Blocks.
    Result<void> check();

  private:
    Result<connector::Page> read(const std::string& name, const connector::Cursor& cursor);
    // The reading that the last page left, or a new one.
    Result<FileReading> reading_of(const std::string& stream_name, const Stream& stream, const Entry& entry,
                                   const FileState& state);

    const FileSettings& settings_;
    Location& location_;
    const Clock& clock_;
    run::Pool& pool_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<FileReading>> kept_;  // by stream: where its last page ended
};

}  // namespace tributary::connectors::file
