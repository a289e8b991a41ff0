#include "gateway/mapping/key_table.hpp"

#include <type_traits>

namespace tributary::mapping {

// FNV-1a with a last stir, since the low bits choose the cell.
std::uint64_t KeyTable::hash_of(std::string_view key) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return hash ^ hash >> 32;
}

KeyTable::KeyTable(std::vector<std::string> keys) : small_(keys.size() <= kSmall) {
    entries_.resize(keys.size());
    if (!small_) cells_.resize(keys.size() * 2);
    for (std::size_t position = 0; position < keys.size(); ++position) {
        const auto& key = keys[position];
        const auto link = [&](auto& head) {
            entries_[position] = {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(key.size()),
                                  head};
            head = static_cast<std::remove_reference_t<decltype(head)>>(position + 1);
        };
        if (small_)
            link(marks_[mark_of(key)]);
        else
            link(cells_[hash_of(key) % cells_.size()]);
        text_ += key;
        sizes_ |= std::uint64_t{1} << key.size() % 64;
    }
}

}  // namespace tributary::mapping
