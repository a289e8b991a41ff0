#include "connectors/data/file/file_handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tributary::connectors::file {

namespace {

std::unexpected<Error> failure_of(int code, const char* what, const std::filesystem::path& path) {
    const auto fault = code == ENOENT ? Fault::not_found
                       : code == EACCES || code == EPERM || code == EISDIR || code == ENOTDIR || code == EROFS
                           ? Fault::bad_config
                           : Fault::transient;  // ENOSPC, EDQUOT, EIO, EMFILE: may be better later
    return fail(fault, fmt::format("{} {}: {}", what, path.string(), std::generic_category().message(code)));
}

}  // namespace

std::unexpected<Error> FileHandle::failure(const char* what) const {
    return failure_of(errno, what, path_);
}

Result<FileHandle> FileHandle::open_read(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failure_of(errno, "open", path);
    return FileHandle(descriptor, path);
}

Result<FileHandle> FileHandle::open_append(const std::filesystem::path& path) {
    const bool is_new = ::access(path.c_str(), F_OK) != 0;
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (descriptor < 0) return failure_of(errno, "open", path);
    FileHandle handle(descriptor, path);
    if (is_new) CHECK_OK(sync_directory_of(path));
    return handle;
}

FileHandle::~FileHandle() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileHandle::FileHandle(FileHandle&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    return *this;
}

Result<FileStat> FileHandle::stat() const {
    struct stat found{};
    if (::fstat(descriptor_, &found) != 0) return failure("stat");
    return FileStat{static_cast<std::uint64_t>(found.st_size),
                    std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec,
                    {}};
}

Result<std::string> FileHandle::read_at(std::uint64_t offset, std::size_t size) const {
    std::string out;
    int code = 0;
    out.resize_and_overwrite(size, [&](char* into, std::size_t) {
        std::size_t have = 0;
        while (have < size) {
            const auto got = ::pread(descriptor_, into + have, size - have, static_cast<off_t>(offset + have));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) code = errno;
            if (got <= 0) break;
            have += static_cast<std::size_t>(got);
        }
        return have;
    });
    if (code != 0) return failure_of(code, "read", path_);
    return out;
}

Result<void> FileHandle::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure("write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> FileHandle::sync() {
    if (::fsync(descriptor_) != 0) return failure("fsync");
    return {};
}

Result<void> FileHandle::truncate(std::uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return failure("truncate");
    return {};
}

Result<void> FileHandle::lock() {
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno == EWOULDBLOCK)
        return fail(Fault::bad_config, fmt::format("{} is held by another writer", path_.string()));
    return failure("lock");
}

Result<void> sync_directory_of(const std::filesystem::path& path) {
    const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    TRY(auto handle, FileHandle::open_read(directory));
    return handle.sync();
}

}  // namespace tributary::connectors::file
