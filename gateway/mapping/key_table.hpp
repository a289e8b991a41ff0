// KeyTable: a fixed set of keys, each found with about one comparison. Built once, then const.
#pragma once

#include <array>
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
        if (!may_have(key)) return -1;
        const auto mask = cells_.size() - 1;
        for (auto i = hash_of(key) & mask; cells_[i].position >= 0; i = (i + 1) & mask) {
            const auto& cell = cells_[i];
            if (cell.size == key.size() && same_bytes(text_.data() + cell.offset, key.data(), key.size()))
                return cell.position;
        }
        return -1;
    }
    std::size_t size() const { return keys_.size(); }
    const std::vector<std::string>& keys() const { return keys_; }

  private:
    static constexpr std::size_t kMarks = 512;

    struct Cell {
        std::uint32_t offset = 0, size = 0;
        std::int32_t position = -1;
    };

    // Size and both ends: most members of a source record are of no interest, and this is enough to pass them over.
    static std::size_t mark_of(std::string_view key) {
        if (key.empty()) return 0;
        return (key.size() * 37 + static_cast<unsigned char>(key.front()) * 5 +
                static_cast<unsigned char>(key.back())) %
               kMarks;
    }
    bool may_have(std::string_view key) const {
        const auto mark = mark_of(key);
        return (marks_[mark / 64] >> mark % 64 & 1U) != 0;
    }

    // memcmp without the call: keys are short.
    static bool same_bytes(const char* a, const char* b, std::size_t size) {
        if (size < 4) {
            for (std::size_t i = 0; i < size; ++i)
                if (a[i] != b[i]) return false;
            return true;
        }
        for (std::size_t i = 0; i + 8 < size; i += 8)
            if (load<std::uint64_t>(a + i) != load<std::uint64_t>(b + i)) return false;
        if (size >= 8) return load<std::uint64_t>(a + size - 8) == load<std::uint64_t>(b + size - 8);
        return load<std::uint32_t>(a) == load<std::uint32_t>(b) &&
               load<std::uint32_t>(a + size - 4) == load<std::uint32_t>(b + size - 4);
    }
    template <class T>
    static T load(const char* at) {
        T bytes;
        std::memcpy(&bytes, at, sizeof bytes);
        return bytes;
    }

    static std::uint64_t hash_of(std::string_view key) {
        constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ULL;
        const char* bytes = key.data();
        auto size = key.size();
        std::uint64_t mixed = size * kMix;
        for (; size > 8; bytes += 8, size -= 8) {
            mixed = (mixed ^ load<std::uint64_t>(bytes)) * kMix;
            mixed ^= mixed >> 29;
        }
        mixed = (mixed ^ last_bytes(bytes, size)) * kMix;
        return mixed ^ mixed >> 32;
    }

    // Up to 8 bytes in one word, without reading beyond them.
    static std::uint64_t last_bytes(const char* bytes, std::size_t size) {
        if (size >= 4) return load<std::uint32_t>(bytes) | std::uint64_t{load<std::uint32_t>(bytes + size - 4)} << 32;
        if (size == 0) return 0;
        const auto at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(bytes[i])}; };
        return at(0) | at(size / 2) << 8 | at(size - 1) << 16;
    }

    std::vector<std::string> keys_;
    std::string text_;
    std::vector<Cell> cells_;  // a power of two, at most half full
    std::array<std::uint64_t, kMarks / 64> marks_{};
};

}  // namespace tributary::mapping
