// Location: where the files of a connection lie: a folder, an SFTP server or a bucket of an object store. Every call
// blocks. Names are single path segments; nothing outside the folder asked for is ever opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/data/file/file_settings.hpp"
#include "connectors/data/file/source_file.hpp"
#include "gateway/connector/setup.hpp"

namespace tributary::connectors::file {

struct Entry {
    std::string name;
    std::optional<FileStat> stat;  // when the listing tells
};

class Location {
  public:
    static constexpr std::size_t kMostEntries = 100'000;  // of one folder; more are bad_config

    virtual ~Location() = default;
    // Regular files whose name matches, in no order. not_found when the folder is not there.
    virtual Result<std::vector<Entry>> list(const std::string& folder, const std::string& pattern) = 0;
    virtual Result<std::unique_ptr<SourceFile>> open(const std::string& folder, const std::string& name) = 0;
    virtual Result<bool> exists(const std::string& folder, const std::string& name) = 0;
    // The whole file at once: readers see the old one or the new one, never a part.
    virtual Result<void> put(const std::string& folder, const std::string& name, std::string_view bytes) = 0;
    // Address and credentials are right.
    virtual Result<void> check() = 0;
};

std::unique_ptr<Location> make_local_location();
// REQUIRES: `settings` outlives it. The setup's parts that they use are copied or outlive it.
std::unique_ptr<Location> make_sftp_location(const SftpPlace& place, const connector::Setup& setup);
std::unique_ptr<Location> make_s3_location(const S3Place& place, const connector::Setup& setup);

}  // namespace tributary::connectors::file
