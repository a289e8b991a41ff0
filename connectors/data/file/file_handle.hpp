// FileHandle: an open file. Errors say what was done to which file; the fault follows from errno. Every call blocks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "connectors/data/file/source_file.hpp"
#include "gateway/base/result.hpp"

namespace tributary::connectors::file {

class FileHandle {
  public:
    // Fault::not_found when there is no such file.
    static Result<FileHandle> open_read(const std::filesystem::path& path);
    // Created when it is not there, for its owner and group alone, and made durable in its directory.
    static Result<FileHandle> open_append(const std::filesystem::path& path);
    ~FileHandle();
    FileHandle(FileHandle&& other) noexcept;
    FileHandle& operator=(FileHandle&& other) noexcept;

    Result<FileStat> stat() const;
    // Fewer bytes than asked for at the end of the file.
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) const;
    Result<void> append(std::string_view bytes);
    // On disk afterwards.
    Result<void> sync();
    Result<void> truncate(std::uint64_t size);
    // bad_config when another process, or another handle of this one, holds it. Held until the handle closes.
    Result<void> lock();

  private:
    FileHandle(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}
    std::unexpected<Error> failure(const char* what) const;
    int descriptor_;
    std::filesystem::path path_;
};

// Makes a created, renamed or removed entry durable.
Result<void> sync_directory_of(const std::filesystem::path& path);

}  // namespace tributary::connectors::file
