// Chunked transfer coding (RFC 9112 7.1), decoded strictly and piece by piece. Pure.
//
// Refused: sizes of more than 16 hex digits, extensions beyond 256 bytes, bare LF or CR, control characters, trailers
// without a name or beyond 4 KiB. Extensions and trailers are ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tributary::net {

class ChunkedBody {
  public:
    explicit ChunkedBody(std::size_t max_body) : max_body_(max_body) {}

    enum class Step { more, done, bad, too_large };
    // Takes from the front of `bytes`, appends content to `out` and sets `used` to how much was taken; at `done` what
    // is left belongs to the next request. REQUIRES: not called again after anything but `more`.
    Step feed(std::string_view bytes, std::size_t& used, std::string& out);

  private:
    enum class State {
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer,
        trailer_lf,
        last_lf
    };
    Step line_byte(char c, bool& done);
    State state_ = State::size;
    std::size_t max_body_;
    std::uint64_t chunk_left_ = 0, total_ = 0;
    unsigned digits_ = 0, extension_bytes_ = 0, trailer_bytes_ = 0;
};

}  // namespace tributary::net
