// SequentialFile: what comes out of unpacking another file, which goes forward alone. Reading behind the place reached
// skips, reading before what is kept of it begins anew; so a reader that moves on costs nothing extra.
#pragma once

#include <memory>

#include "connectors/data/file/source_file.hpp"

namespace tributary::connectors::file {

class SequentialFile : public SourceFile {
  public:
    explicit SequentialFile(std::unique_ptr<SourceFile> packed) : packed_(std::move(packed)) {}
    Result<FileStat> stat() override { return packed_->stat(); }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override;

  protected:
    virtual Result<void> restart() = 0;
    // Appends what comes next, a bounded piece. False: there is no more.
    virtual Result<bool> more(std::string& out) = 0;
    SourceFile& packed() { return *packed_; }

  private:
    std::unique_ptr<SourceFile> packed_;
    std::string piece_;         // unpacked and not yet passed by
    std::uint64_t begins_ = 0;  // its place in the whole
    bool started_ = false, ended_ = false;
};

}  // namespace tributary::connectors::file
