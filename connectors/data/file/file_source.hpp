// FileSource: files as streams, by name, page by page and resumable behind any record. A file that grew goes on where
// it ended; one that was written anew is read again; one that did not change costs a stat.
#pragma once

#include "connectors/data/file/file_cursor.hpp"
#include "gateway/connector/connector.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors::file {

class FileSource final : public connector::Source {
  public:
    // REQUIRES: everything referred to outlives this.
    FileSource(const FileSettings& settings, const Clock& clock, run::Pool& pool)
        : settings_(settings), clock_(clock), pool_(pool) {}

    run::Task<Result<connector::Page>> pull(std::string stream, connector::Cursor cursor) override;
    // The files are there, can be read, and the columns of the key are in the headers. Blocks.
    Result<void> check() const;

  private:
    Result<connector::Page> read(const std::string& name, const connector::Cursor& cursor) const;

    const FileSettings& settings_;
    const Clock& clock_;
    run::Pool& pool_;
};

}  // namespace tributary::connectors::file
