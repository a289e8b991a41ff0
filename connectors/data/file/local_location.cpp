#include <fmt/format.h>

#include <filesystem>

#include "connectors/data/file/file_handle.hpp"
#include "connectors/data/file/location.hpp"

namespace tributary::connectors::file {

namespace {

class LocalFile final : public SourceFile {
  public:
    explicit LocalFile(FileHandle handle) : handle_(std::move(handle)) {}
    Result<FileStat> stat() override { return handle_.stat(); }
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
        return handle_.read_at(offset, size);
    }

  private:
    FileHandle handle_;
};

class LocalLocation final : public Location {
  public:
    Result<std::vector<Entry>> list(const std::string& folder, const std::string& pattern) override {
        std::vector<Entry> entries;
        std::error_code error;
        for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            const auto name = entry->path().filename().string();
            if (matches(pattern, name) && entry->is_regular_file()) entries.push_back({name, {}});
        }
        if (error) return fail(Fault::not_found, fmt::format("{}: {}", folder, error.message()));
        return entries;
    }
    Result<std::unique_ptr<SourceFile>> open(const std::string& folder, const std::string& name) override {
        TRY(auto handle, FileHandle::open_read(std::filesystem::path(folder) / name));
        return std::make_unique<LocalFile>(std::move(handle));
    }
    Result<bool> exists(const std::string& folder, const std::string& name) override {
        std::error_code error;
        return std::filesystem::exists(std::filesystem::path(folder) / name, error);
    }
    // Local actions append, which FileSink does itself.
    Result<void> put(const std::string&, const std::string&, std::string_view) override {
        return fail(Fault::internal, "a local file is appended to, not put");
    }
    Result<void> check() override { return {}; }
};

}  // namespace

std::unique_ptr<Location> make_local_location() {
    return std::make_unique<LocalLocation>();
}

}  // namespace tributary::connectors::file
