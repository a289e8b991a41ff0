// Frames between the gateway and a plug-in's process: four bytes of length, high byte first, then a kind and a text.
// Pure; the bytes of the other side are not trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/result.hpp"

namespace tributary::connector::native {

struct Frame {
    enum class Kind : char {
        open = 'o',    // request: makes the instance
        call = 'c',    // request: operation, line feed, JSON
        answer = 'a',  // JSON
        broken = 'x',  // the library cannot be used: why, as text
        log = 'l',     // level digit, then text
    };
    Kind kind = Kind::answer;
    std::string text;
};

constexpr std::size_t kLargestFrame = 64UL << 20;

std::string write_frame(Frame::Kind kind, std::string_view text);

class FrameReader {
  public:
    void feed(std::string_view chunk) { bytes_ += chunk; }
    // nullopt: feed more. bad_input: a length or kind that there is not; nothing can be read after that.
    Result<std::optional<Frame>> next();

  private:
    std::string bytes_;
};

}  // namespace tributary::connector::native
