// KeyTable: a fixed set of keys, each found with about one comparison. Built once, then const.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::mapping {

class KeyTable {
  public:
    KeyTable() = default;
    // REQUIRES: no key twice. The position of a key is its value.
    explicit KeyTable(std::vector<std::string> keys);

    // The position of the key, or -1.
    int find(std::string_view key) const {
        if (keys_.empty()) return -1;
        const auto mask = cells_.size() - 1;
        for (auto i = hash_of(key) & mask; cells_[i].position >= 0; i = (i + 1) & mask) {
            const auto& cell = cells_[i];
            if (cell.size == key.size() && std::memcmp(text_.data() + cell.offset, key.data(), key.size()) == 0)
                return cell.position;
        }
        return -1;
    }
    std::size_t size() const { return keys_.size(); }
    const std::vector<std::string>& keys() const { return keys_; }

  private:
    struct Cell {
        std::uint32_t offset = 0, size = 0;
        std::int32_t position = -1;
    };

    static std::uint64_t hash_of(std::string_view key) {
        constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
        const char* bytes = key.data();
        auto size = key.size();
        std::uint64_t mixed = size * kMix;
        for (; size > 8; bytes += 8, size -= 8) {
            std::uint64_t piece = 0;
            std::memcpy(&piece, bytes, 8);
            mixed = (mixed ^ piece) * kMix;
            mixed ^= mixed >> 29;
        }
        mixed = (mixed ^ last_bytes(bytes, size)) * kMix;
        return mixed ^ mixed >> 32;
    }

    // Up to 8 bytes in one word, without reading beyond them.
    static std::uint64_t last_bytes(const char* bytes, std::size_t size) {
        if (size >= 4) {
            std::uint32_t low = 0, high = 0;
            std::memcpy(&low, bytes, 4);
            std::memcpy(&high, bytes + size - 4, 4);
            return low | std::uint64_t{high} << 32;
        }
        if (size == 0) return 0;
        const auto at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(bytes[i])}; };
        return at(0) | at(size / 2) << 8 | at(size - 1) << 16;
    }

    std::vector<std::string> keys_;
    std::string text_;
    std::vector<Cell> cells_;  // a power of two, at most half full
};

}  // namespace tributary::mapping
