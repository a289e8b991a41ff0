// BlockCache: a remote file read in blocks, the last few of which are kept: looking at a file's head and tail between
// pages then asks nothing of the server. Internal to the remote locations.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <string>
#include <utility>

#include "gateway/base/result.hpp"

namespace tributary::connectors::file {

class BlockCache {
  public:
    using Read = std::function<Result<std::string>(std::uint64_t offset, std::size_t size)>;
    BlockCache(Read read, std::uint64_t file_size) : read_(std::move(read)), file_size_(file_size) {}

    Result<std::string> read_at(std::uint64_t offset, std::size_t size) {
        std::string out;
        while (size > 0 && offset < file_size_) {
            TRY(const auto* const block, block_at(offset / kBlock));
            const auto inside = static_cast<std::size_t>(offset % kBlock);
            if (inside >= block->size()) break;
            const auto part = block->substr(inside, size);
            out += part;
            offset += part.size();
            size -= part.size();
        }
        return out;
    }

  private:
    static constexpr std::size_t kBlock = 512 << 10, kBlocks = 4;

    Result<const std::string*> block_at(std::uint64_t number) {
        for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
            if (block->first != number) continue;
            blocks_.splice(blocks_.begin(), blocks_, block);
            return &blocks_.front().second;
        }
        const auto from = number * kBlock;
        TRY(auto bytes, read_(from, static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, file_size_ - from))));
        blocks_.emplace_front(number, std::move(bytes));
        if (blocks_.size() > kBlocks) blocks_.pop_back();
        return &blocks_.front().second;
    }

    Read read_;
    std::uint64_t file_size_;
    std::list<std::pair<std::uint64_t, std::string>> blocks_;  // the last used one first
};

}  // namespace tributary::connectors::file
