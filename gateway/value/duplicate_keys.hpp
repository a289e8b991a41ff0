// DuplicateKeys: finds a key that one object holds twice. Memory is fixed, and so is the work: an object of up to 256
// members is looked up in a small table, a larger one is sorted, so chosen keys cannot make it quadratic.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tributary::value {

class DuplicateKeys {
  public:
    // Starts a new object.
    void begin() {
        if (++stamp_ == 0) {
            slots_.fill({});
            stamp_ = 1;
        }
    }
    // True when the object begun last has this key already. The key's bytes must stay where they are until begin().
    // REQUIRES: 8 readable bytes after the key's end; at most kMax calls for each begin().
    bool seen(std::string_view key) {
        for (auto i = hash(key) % kSlots;; i = (i + 1) % kSlots) {
            auto& slot = slots_[i];
            if (slot.stamp != stamp_) {
                slot = {key.data(), static_cast<std::uint32_t>(key.size()), stamp_};
                return false;
            }
            if (slot.size == key.size() && std::string_view(slot.data, slot.size) == key) return true;
        }
    }
    static constexpr std::size_t kMax = 256;

  private:
    friend class KeyFilter;
    struct Slot {
        const char* data = nullptr;
        std::uint32_t size = 0, stamp = 0;
    };
    static constexpr std::size_t kSlots = 2 * kMax;

    static std::uint64_t load(const char* at) {
        std::uint64_t bytes;
        __builtin_memcpy(&bytes, at, sizeof bytes);
        return bytes;
    }
    // First and last eight bytes and the size: enough, since a collision costs one comparison.
    static std::size_t hash(std::string_view key) {
        std::uint64_t mixed = load(key.data());
        if (key.size() < 8) {
            mixed &= (1ULL << 8 * key.size()) - 1;
        } else {
            mixed ^= load(key.data() + key.size() - 8) * 0x9E3779B97F4A7C15;
        }
        mixed = (mixed + key.size()) * 0xD6E8FEB86659FD93;
        return mixed >> 40;
    }

    std::array<Slot, kSlots> slots_{};
    std::uint32_t stamp_ = 0;
};

// Says for most small objects, while they are read, that no key can have come twice.
class KeyFilter {
  public:
    // REQUIRES: as DuplicateKeys::seen.
    void add(std::string_view key) {
        const auto bit = DuplicateKeys::hash(key) % kBits;
        auto& word = bits_[bit / 64];
        doubtful_ |= word >> bit % 64 & 1U;
        word |= std::uint64_t{1} << bit % 64;
    }
    bool doubtful() const { return doubtful_ != 0; }

  private:
    static constexpr std::size_t kBits = 2048;
    std::array<std::uint64_t, kBits / 64> bits_{};
    std::uint64_t doubtful_ = 0;
};

}  // namespace tributary::value
