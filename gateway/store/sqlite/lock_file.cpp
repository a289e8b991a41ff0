#include "gateway/store/sqlite/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tributary::store {
namespace {

// Of one size: marking overwrites in place, which works on a full disk too.
constexpr std::string_view kRunning = "running\n";
constexpr std::string_view kStopped = "stopped\n";

}  // namespace

Result<LockFile> LockFile::acquire(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail(Fault::bad_config, fmt::format("cannot open the lock file: {}", std::strerror(errno)),
                    path.string());
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        return fail(Fault::conflict, "another gateway uses this database: stop it first, or give this one its own path",
                    path.string());
    }
    std::string text(kStopped.size(), '\0');
    const bool read = ::pread(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    return LockFile(descriptor, !read || text != kStopped);
}

LockFile::LockFile(LockFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), unclean_(other.unclean_) {}

LockFile::~LockFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> LockFile::mark_running() {
    return write(kRunning);
}
Result<void> LockFile::mark_clean() {
    return write(kStopped);
}

Result<void> LockFile::write(std::string_view text) {
    const auto size = static_cast<ssize_t>(text.size());
    if (::pwrite(descriptor_, text.data(), text.size(), 0) != size || ::fsync(descriptor_) != 0) {
        return fail(Fault::internal, fmt::format("cannot write the lock file: {}", std::strerror(errno)));
    }
    return {};
}

}  // namespace tributary::store
