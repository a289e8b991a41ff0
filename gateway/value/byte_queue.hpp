// ByteQueue: bytes that came in chunks and are not yet consumed, seen as one run. The streaming readers stand on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tributary::value {

class ByteQueue {
  public:
    explicit ByteQueue(std::uint64_t offset = 0) : offset_(offset) {}

    void feed(std::string_view chunk) {
        // Consumed bytes go when new ones come, so a view given out stays valid until then.
        bytes_.erase(0, consumed_);
        consumed_ = 0;
        bytes_.append(chunk);
    }
    std::string_view rest() const { return std::string_view(bytes_).substr(consumed_); }
    void consume(std::size_t count) {
        consumed_ += count;
        offset_ += count;
    }
    // The position of rest() in the whole input.
    std::uint64_t offset() const { return offset_; }

  private:
    std::string bytes_;
    std::size_t consumed_ = 0;
    std::uint64_t offset_;
};

}  // namespace tributary::value
