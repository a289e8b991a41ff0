// LineReader: splits a stream of chunks into lines (NDJSON), each with its number and the byte offset after it.
// Memory is bounded by the longest line allowed: a longer one is reported with its beginning and skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/value/byte_queue.hpp"

namespace tributary::value {

struct Line {
    std::string_view text;  // without its end (LF or CRLF); valid until the next call of the reader
    std::uint64_t number;   // of the line, from 1
    std::uint64_t end;      // byte offset after the line: reading can go on here
    bool too_long = false;  // `text` is its beginning alone
};

// A byte order mark before line 1 is skipped.
class LineReader {
  public:
    // To go on in the middle: the `end` and `number` of the line read last.
    explicit LineReader(std::size_t max_line = 16UL << 20, std::uint64_t offset = 0, std::uint64_t number = 0)
        : queue_(offset), max_line_(max_line), number_(number), at_start_(offset == 0) {}

    // REQUIRES: next() has returned nullopt, or nothing was fed yet.
    void feed(std::string_view chunk) { queue_.feed(chunk); }
    // nullopt: feed more.
    std::optional<Line> next();
    // After the last chunk: a last line without an end, or nullopt.
    std::optional<Line> finish();

  private:
    Line take(std::size_t size, std::size_t end);
    ByteQueue queue_;
    std::size_t max_line_;
    std::uint64_t number_;
    std::size_t scanned_ = 0;  // bytes of rest() known to hold no line end
    std::string beginning_;    // of a line that is too long, while the rest of it is skipped
    bool skipping_ = false;
    bool at_start_;
};

}  // namespace tributary::value
