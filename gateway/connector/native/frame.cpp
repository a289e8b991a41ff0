#include "gateway/connector/native/frame.hpp"

namespace tributary::connector::native {

std::string write_frame(Frame::Kind kind, std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size() + 1);
    std::string out;
    out.reserve(text.size() + 5);
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
    out += static_cast<char>(kind);
    out += text;
    return out;
}

Result<std::optional<Frame>> FrameReader::next() {
    if (bytes_.size() < 4) return std::nullopt;
    std::size_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(i)]);
    if (size < 1 || size > kLargestFrame) return fail(Fault::bad_input, "a frame has a length that there is not");
    if (bytes_.size() < 4 + size) return std::nullopt;
    const char kind = bytes_[4];
    if (!std::string_view("ocaxl").contains(kind))
        return fail(Fault::bad_input, "a frame has a kind that there is not");
    Frame out{static_cast<Frame::Kind>(kind), bytes_.substr(5, size - 1)};
    bytes_.erase(0, 4 + size);
    return out;
}

}  // namespace tributary::connector::native
