// SourceFile: a file that is read, wherever it lies and whatever it is packed in. Threads: one call at a time; blocks.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/base/result.hpp"

namespace tributary::connectors::file {

struct FileStat {
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;  // since 1970
    std::string tag;               // an object store's ETag
    friend bool operator==(const FileStat&, const FileStat&) = default;
};

class SourceFile {
  public:
    virtual ~SourceFile() = default;
    // Of the file as it lies there.
    virtual Result<FileStat> stat() = 0;
    // Fewer bytes than asked for at the end of the file. bad_input: what it is packed in is broken.
    virtual Result<std::string> read_at(std::uint64_t offset, std::size_t size) = 0;
};

}  // namespace tributary::connectors::file
