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

    // The position of the key, or -1. Inlined: it is asked for every member of every record.
    [[gnu::always_inline]] int find(std::string_view key) const {
        if ((sizes_ >> key.size() % 64 & 1U) == 0) return -1;
        std::uint32_t next = small_ ? marks_[mark_of(key)] : cells_[hash_of(key) % cells_.size()];
        while (next != 0) {
            const auto& entry = entries_[next - 1];
            if (entry.size == key.size() && same_bytes(text_.data() + entry.offset, key.data(), key.size()))
                return static_cast<int>(next) - 1;
            next = entry.next;
        }
        return -1;
    }
    std::size_t size() const { return entries_.size(); }

  private:
    static constexpr std::size_t kMarks = 256;  // for the keys of an object; a lookup with more words is hashed
    static constexpr std::size_t kSmall = 64;

    struct Entry {
        std::uint32_t offset = 0, size = 0;
        std::uint32_t next = 0;  // the position of another key in the same place, plus one
    };

    // Size and both ends: enough to pass over most of the members of a record that no mapping reads.
    static std::size_t mark_of(std::string_view key) {
        if (key.empty()) return 0;
        return (key.size() * 37 + static_cast<unsigned char>(key.front()) * 5 +
                static_cast<unsigned char>(key.back())) %
               kMarks;
    }
    static std::uint64_t hash_of(std::string_view key);

    // memcmp without the call: keys are short.
    static bool same_bytes(const char* a, const char* b, std::size_t size) {
        if (size < 4) {
            for (std::size_t i = 0; i < size; ++i)
                if (a[i] != b[i]) return false;
            return true;
        }
        if (size < 8)
            return load<std::uint32_t>(a) == load<std::uint32_t>(b) &&
                   load<std::uint32_t>(a + size - 4) == load<std::uint32_t>(b + size - 4);
        for (std::size_t i = 0; i + 8 < size; i += 8)
            if (load<std::uint64_t>(a + i) != load<std::uint64_t>(b + i)) return false;
        return load<std::uint64_t>(a + size - 8) == load<std::uint64_t>(b + size - 8);
    }
    template <class T>
    static T load(const char* at) {
        T bytes;
        std::memcpy(&bytes, at, sizeof bytes);
        return bytes;
    }

    std::vector<Entry> entries_;  // by position
    std::string text_;
    std::array<std::uint8_t, kMarks> marks_{};  // of a small table: the first position there, plus one
    std::vector<std::uint32_t> cells_;          // of a large one: the same by hash
    std::uint64_t sizes_ = 0;                   // which sizes of keys there are, modulo 64
    bool small_ = true;
};

}  // namespace tributary::mapping
