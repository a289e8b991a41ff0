#include "gateway/mapping/key_table.hpp"

#include <bit>

namespace tributary::mapping {

KeyTable::KeyTable(std::vector<std::string> keys) : keys_(std::move(keys)) {
    if (keys_.empty()) return;
    cells_.resize(std::bit_ceil(keys_.size() * 2 + 1));
    const auto mask = cells_.size() - 1;
    for (std::size_t position = 0; position < keys_.size(); ++position) {
        const auto& key = keys_[position];
        auto i = hash_of(key) & mask;
        while (cells_[i].position >= 0) i = (i + 1) & mask;
        cells_[i] = {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(key.size()),
                     static_cast<std::int32_t>(position)};
        text_ += key;
        const auto mark = mark_of(key);
        marks_[mark / 64] |= std::uint64_t{1} << mark % 64;
    }
}

}  // namespace tributary::mapping
