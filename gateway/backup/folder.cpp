#include "gateway/backup/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "gateway/record/timestamp.hpp"

namespace tributary::backup {
namespace {

constexpr std::string_view kEnding = ".backup", kDraft = ".draft";
constexpr std::size_t kBuffer = 1UL << 20;

std::unexpected<Error> system_fault(std::string what, const std::filesystem::path& path) {
    return fail(Fault::transient, std::move(what) + ": " + std::strerror(errno), path.string());
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

std::string file_name(const Manifest& manifest) {
    std::string time;
    for (const char c : record::timestamp_text(manifest.created).substr(0, 19))
        if (c != '-' && c != ':') time += c;
    const auto id = manifest.id.text();
    return time + "Z-" + id.substr(id.size() - 8) + "." + std::string(name_of(manifest.kind)) + std::string(kEnding);
}

Result<std::vector<File>> list_files(const std::filesystem::path& folder) {
    std::vector<File> files;
    std::error_code failed;
    if (!std::filesystem::exists(folder, failed)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
        if (!entry.path().string().ends_with(kEnding) || !entry.is_regular_file()) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        if (auto manifest = peek_manifest(in)) files.push_back({entry.path(), entry.file_size(), *std::move(manifest)});
    }
    if (failed)
        return fail(Fault::bad_config, "the folder of backups cannot be read: " + failed.message(), folder.string());
    std::ranges::sort(files, {}, [](const File& file) { return std::pair(file.manifest.created, file.path); });
    return files;
}

void remove_drafts(const std::filesystem::path& folder) {
    std::error_code ignored;  // there may be no folder
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
        if (entry.path().string().ends_with(kDraft)) std::filesystem::remove_all(entry.path(), ignored);
}

Result<void> destroy_file(const std::filesystem::path& path) {
    std::error_code failed;
    auto left = std::filesystem::file_size(path, failed);
    const int file = failed ? -1 : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return system_fault("it cannot be opened", path);
    const std::string zeroes(kBuffer, '\0');
    bool done = true;
    while (done && left > 0) {
        const auto size = std::min<std::uintmax_t>(left, zeroes.size());
        done = write_all(file, std::string_view(zeroes).substr(0, size));
        left -= size;
    }
    done = done && ::fsync(file) == 0;
    ::close(file);
    if (!done || ::unlink(path.c_str()) != 0) return system_fault("it cannot be destroyed", path);
    return {};
}

std::vector<File> overdue(const std::vector<File>& files, Timestamp now, Milliseconds data, Milliseconds keys) {
    std::vector<File> out;
    for (const auto kind : {Kind::data, Kind::keys}) {
        const File* newest = nullptr;
        for (const auto& file : files)
            if (file.manifest.kind == kind && (!newest || file.manifest.created >= newest->manifest.created))
                newest = &file;
        for (const auto& file : files)
            if (file.manifest.kind == kind && &file != newest &&
                file.manifest.created < now - (kind == Kind::data ? data : keys))
                out.push_back(file);
    }
    return out;
}

struct Draft::Impl {
    std::filesystem::path draft, path;
    int file = -1;
    std::string waiting;

    ~Impl() {
        if (file >= 0) ::close(file);
        if (!draft.empty()) ::unlink(draft.c_str());
    }
};

Draft::Draft(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Draft::~Draft() = default;
Draft::Draft(Draft&&) noexcept = default;

Result<Draft> Draft::begin(const std::filesystem::path& folder, std::string name) {
    std::error_code failed;
    if (std::filesystem::create_directories(folder, failed))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
    if (failed)
        return fail(Fault::bad_config, "the folder of backups cannot be made: " + failed.message(), folder.string());
    auto impl = std::make_unique<Impl>();
    impl->path = folder / name;
    const auto draft = folder / (name + std::string(kDraft));
    impl->file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (impl->file < 0) return system_fault("a backup cannot be made", draft);
    impl->draft = draft;
    return Draft(std::move(impl));
}

Result<void> Draft::write(std::string_view bytes) {
    impl_->waiting += bytes;
    if (impl_->waiting.size() < kBuffer) return {};
    if (!write_all(impl_->file, impl_->waiting)) return system_fault("a backup cannot be written", impl_->draft);
    impl_->waiting.clear();
    return {};
}

Result<void> Draft::sync() {
    if (!write_all(impl_->file, impl_->waiting) || ::fsync(impl_->file) != 0)
        return system_fault("a backup cannot be written", impl_->draft);
    impl_->waiting.clear();
    return {};
}

Result<std::filesystem::path> Draft::name_it() {
    // link() refuses a name that is taken, which rename() would overwrite.
    if (::link(impl_->draft.c_str(), impl_->path.c_str()) != 0)
        return system_fault("a backup cannot be put in place", impl_->path);
    const auto folder = impl_->path.parent_path();
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    if (!synced) return system_fault("the folder of backups cannot be made durable", folder);
    return impl_->path;
}

}  // namespace tributary::backup
