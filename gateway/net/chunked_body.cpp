#include "gateway/net/chunked_body.hpp"

#include <algorithm>

#include "gateway/net/http.hpp"

namespace tributary::net {

namespace {

constexpr unsigned kMaxDigits = 16, kMaxExtension = 256, kMaxTrailer = 4096;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

ChunkedBody::Step ChunkedBody::feed(std::string_view bytes, std::size_t& used, std::string& out) {
    for (used = 0; used < bytes.size();) {
        if (state_ == State::data) {
            auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, bytes.size() - used));
            out.append(bytes, used, piece);
            used += piece;
            chunk_left_ -= piece;
            if (chunk_left_ == 0) state_ = State::data_cr;
            continue;
        }
        bool done = false;
        auto step = line_byte(bytes[used++], done);
        if (step != Step::more || done) return done ? Step::done : step;
    }
    return Step::more;
}

// One byte of everything that is not content.
ChunkedBody::Step ChunkedBody::line_byte(char c, bool& done) {
    switch (state_) {
        case State::size:
            if (auto value = hex_value(c); value >= 0) {
                if (++digits_ > kMaxDigits) return Step::bad;
                chunk_left_ = chunk_left_ << 4 | static_cast<std::uint64_t>(value);
                return Step::more;
            }
            if (digits_ == 0) return Step::bad;
            if (c == '\r')
                state_ = State::size_lf;
            else if (c == ';')
                state_ = State::extension;
            else
                return Step::bad;
            return Step::more;
        case State::extension:
            if (c == '\r')
                state_ = State::size_lf;
            else if (is_control(c) || ++extension_bytes_ > kMaxExtension)
                return Step::bad;
            return Step::more;
        case State::size_lf:
            if (c != '\n') return Step::bad;
            if (chunk_left_ > max_body_ - total_) return Step::too_large;
            total_ += chunk_left_;
            state_ = chunk_left_ == 0 ? State::trailer_start : State::data;
            return Step::more;
        case State::data_cr:
            state_ = State::data_lf;
            return c == '\r' ? Step::more : Step::bad;
        case State::data_lf:
            if (c != '\n') return Step::bad;
            digits_ = extension_bytes_ = 0;
            state_ = State::size;
            return Step::more;
        case State::trailer_start:
            if (c == '\r')
                state_ = State::last_lf;
            else if (!is_token_character(c) || ++trailer_bytes_ > kMaxTrailer)
                return Step::bad;
            else
                state_ = State::trailer_name;
            return Step::more;
        // A line without a name is no trailer: it may be the head of another request, which must not vanish in here.
        case State::trailer_name:
            if (c == ':')
                state_ = State::trailer;
            else if (!is_token_character(c))
                return Step::bad;
            return ++trailer_bytes_ > kMaxTrailer ? Step::bad : Step::more;
        case State::trailer:
            if (c == '\r')
                state_ = State::trailer_lf;
            else if (is_control(c) || ++trailer_bytes_ > kMaxTrailer)
                return Step::bad;
            return Step::more;
        case State::trailer_lf:
            state_ = State::trailer_start;
            return c == '\n' ? Step::more : Step::bad;
        case State::last_lf:
            done = c == '\n';
            return done ? Step::more : Step::bad;
        case State::data:
            break;
    }
    return Step::bad;
}

}  // namespace tributary::net
