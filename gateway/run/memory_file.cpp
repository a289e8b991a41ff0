#include "gateway/run/memory_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tributary::run {

Result<MemoryFile> MemoryFile::make(std::string_view content) {
    const int descriptor = ::memfd_create("tributary", MFD_CLOEXEC);
    if (descriptor < 0)
        return fail(Fault::transient, "no file in memory is to be had: " + std::generic_category().message(errno));
    MemoryFile out(descriptor);
    while (!content.empty()) {
        const auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(Fault::transient, "the memory for a file of a program is not to be had");
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return out;
}

MemoryFile::~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

}  // namespace tributary::run
