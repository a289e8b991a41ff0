#include "gateway/vault/key_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>

namespace tributary::vault {
namespace {

constexpr std::size_t kMostFileBytes = 1 << 20;

struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

std::unexpected<Error> system_error(std::string what, const std::filesystem::path& path) {
    return fail(Fault::bad_config, std::move(what) + ": " + std::strerror(errno), path.string());
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

bool sync_folder(const std::filesystem::path& folder) {
    Descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return opened.number >= 0 && ::fsync(opened.number) == 0;
}

}  // namespace

namespace {

// A complete and synced file beside `path`, to be given its name.
Result<std::string> write_draft(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
    auto draft = path.string() + ".new." + std::to_string(::getpid());
    ::unlink(draft.c_str());  // of a process of the same id that was killed
    Descriptor opened{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
    if (opened.number < 0) return system_error("a key file cannot be created", draft);
    if (write_all(opened.number, bytes) && ::fchmod(opened.number, mode) == 0) return draft;
    int cause = errno;
    ::unlink(draft.c_str());
    errno = cause;
    return system_error("a key file cannot be written", path);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

Result<void> write_new_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
    auto folder = folder_of(path);
    std::error_code ignored;
    if (std::filesystem::create_directories(folder, ignored))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
    TRY(const auto draft, write_draft(path, bytes, mode));
    // link() refuses a name that is taken, which rename() would overwrite.
    const bool linked = ::link(draft.c_str(), path.c_str()) == 0;
    int cause = errno;
    ::unlink(draft.c_str());
    errno = cause;
    if (!linked && cause == EEXIST)
        return fail(Fault::conflict, "a key file of this name exists already and is never overwritten", path.string());
    if (!linked) return system_error("a key file cannot be written", path);
    if (!sync_folder(folder)) return system_error("a key file cannot be made durable", path);
    return {};
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
    TRY(const auto draft, write_draft(path, bytes, mode));
    Descriptor before{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (::rename(draft.c_str(), path.c_str()) != 0) {
        int cause = errno;
        ::unlink(draft.c_str());
        errno = cause;
        return system_error("a key file cannot be replaced", path);
    }
    if (!sync_folder(folder_of(path))) return system_error("a key file cannot be made durable", path);
    // What the old file held should not lie in the free blocks of the disk. A file system that writes elsewhere keeps
    // it all the same; it is sealed with the master key.
    struct stat status{};
    if (before.number >= 0 && ::fstat(before.number, &status) == 0 && status.st_nlink == 0)
        std::ignore = write_all(before.number, std::string(static_cast<std::size_t>(status.st_size), '\0'));
    return {};
}

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
    int number = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (number < 0) return system_error("a key file cannot be locked", path);
    FileLock lock(number);
    while (::flock(number, LOCK_EX) != 0)
        if (errno != EINTR) return system_error("a key file cannot be locked", path);
    return lock;
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

FileMark file_mark(const std::filesystem::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size};
}

Result<crypto::SecretBytes> read_descriptor(int descriptor) {
    Descriptor opened{descriptor};
    auto buffer = crypto::SecretBytes::of_size(4096);
    std::size_t size = 0;
    for (;;) {
        if (size == buffer.size()) {
            if (size >= kMostFileBytes) return fail(Fault::bad_config, "a key file is at most 1 MB");
            auto larger = crypto::SecretBytes::of_size(2 * size);
            std::memcpy(larger.data().data(), buffer.data().data(), size);
            buffer = std::move(larger);
        }
        auto got = ::read(opened.number, buffer.data().data() + size, buffer.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Fault::bad_config, std::string("a key cannot be read: ") + std::strerror(errno));
        if (got == 0) return crypto::SecretBytes(buffer.reveal().substr(0, size));
        size += static_cast<std::size_t>(got);
    }
}

Result<crypto::SecretBytes> read_key_file(const std::filesystem::path& path) {
    // Non-blocking, so that a pipe put in its place cannot hang the start.
    int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (number < 0 && errno == ENOENT) return fail(Fault::not_found, "there is no such key file", path.string());
    if (number < 0) return system_error("a key file cannot be opened", path);
    Descriptor opened{number};
    struct stat status{};
    if (::fstat(number, &status) != 0) return system_error("a key file cannot be examined", path);
    if (!S_ISREG(status.st_mode)) return fail(Fault::bad_config, "a key file must be a regular file", path.string());
    if (status.st_uid != ::geteuid() && status.st_uid != 0)
        return fail(Fault::bad_config, "a key file must belong to the user that runs the gateway, or to root",
                    path.string());
    if ((status.st_mode & 0177) != 0)
        return fail(Fault::bad_config, "a key file must have mode 0400 or 0600: chmod 0400 it", path.string());
    opened.number = -1;
    auto bytes = read_descriptor(number);
    if (!bytes) return pass(std::move(bytes), path.string());
    return bytes;
}

}  // namespace tributary::vault
