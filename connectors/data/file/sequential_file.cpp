#include "connectors/data/file/sequential_file.hpp"

#include <algorithm>

namespace tributary::connectors::file {

Result<std::string> SequentialFile::read_at(std::uint64_t offset, std::size_t size) {
    if (!started_ || offset < begins_) {
        piece_.clear();
        begins_ = 0;
        ended_ = false;
        started_ = true;
        if (auto begun = restart(); !begun) {
            started_ = false;
            return pass(std::move(begun));
        }
    }
    while (!ended_ && begins_ + piece_.size() < offset + size) {
        const auto passed = std::min<std::uint64_t>(offset - begins_, piece_.size());
        piece_.erase(0, static_cast<std::size_t>(passed));
        begins_ += passed;
        auto have = more(piece_);
        if (!have) {
            started_ = false;  // begun anew when it is read again
            return pass(std::move(have));
        }
        ended_ = !*have;
    }
    const auto from = std::min<std::uint64_t>(offset - begins_, piece_.size());
    return piece_.substr(static_cast<std::size_t>(from), size);
}

}  // namespace tributary::connectors::file
