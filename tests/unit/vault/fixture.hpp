// A temporary folder with a master key and a ring in it.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "gateway/vault/key_ring.hpp"

namespace tributary::vault {

struct TemporaryFolder {
    std::filesystem::path path;
    TemporaryFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "tributary-vault-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
};

inline std::string slurp(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Rewrites a key file, which is read-only, keeping its mode.
inline void rewrite(const std::filesystem::path& path, const std::string& text) {
    auto mode = std::filesystem::status(path).permissions();
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path, mode);
}

struct Keys {
    TemporaryFolder folder;
    crypto::SystemRandom random;
    FakeClock clock;
    std::filesystem::path master_file = folder.path / "master.key", ring_file = folder.path / "ring.json";
    KeyRing ring = [this] {
        REQUIRE(create_master_file(master_file, random));
        return KeyRing::create(ring_file, Master::from_file(master_file).value(), random, clock).value();
    }();
};

}  // namespace tributary::vault
