// Pack: a zip archive of a few small files, encrypted with AES-256 (WinZip's form), by libarchive: 7-Zip, Windows and
// macOS tools open it with the passphrase.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"

namespace tributary::value {

struct PackedFile {
    std::string name;
    std::string bytes;
};

// REQUIRES: a passphrase that is not empty. Names of files are not hidden by it: they say nothing about anybody.
Result<std::string> pack_zip(const std::vector<PackedFile>& files, const std::string& passphrase);

}  // namespace tributary::value
