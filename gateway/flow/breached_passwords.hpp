// BreachedPasswords: a file of the SHA-1 digests of passwords that became known in breaches, as the public corpus of
// them is laid out: a line each, `HASH:count`, in order of the hash. Shorter beginnings of hashes (10 digits or more)
// are taken too. It is searched where it lies: nothing is read into memory, and nothing is sent anywhere.
#pragma once

#include <filesystem>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::flow {

class BreachedPasswords {
  public:
    // An empty path: there is no such file, and nothing is in it.
    explicit BreachedPasswords(std::filesystem::path file) : file_(std::move(file)) {}

    // bad_config: the file cannot be read, or is not laid out so where it was looked at. Safe from several threads;
    // blocks for some thirty reads.
    Result<bool> hold(std::string_view password) const;
    // Whether it begins as such a file does.
    Result<void> check() const;

  private:
    std::filesystem::path file_;
};

}  // namespace tributary::flow
