// MemoryFile: a file without a name, in memory alone, to hand a program what must not lie on a disk. It is gone with
// its last descriptor, also when the process is killed.
#pragma once

#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::run {

class MemoryFile {
  public:
    // transient: no memory or descriptor is to be had.
    static Result<MemoryFile> make(std::string_view content);
    ~MemoryFile();
    MemoryFile(MemoryFile&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    MemoryFile& operator=(MemoryFile&& other) noexcept;
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int descriptor() const { return descriptor_; }

  private:
    explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace tributary::run
