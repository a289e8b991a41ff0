// ResponseReader: cuts the bytes of an IMAP server into whole responses, literals included. Pure; memory is bounded by
// the longest response allowed, whatever sizes the server announces.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/email/imap/response.hpp"

namespace tributary::connectors::imap {

struct ResponseLimits {
    std::size_t line = 1 << 20;       // bytes between two literals; a SEARCH lists many numbers in one
    std::size_t response = 64 << 20;  // one response with its literals
};

class ResponseReader {
  public:
    explicit ResponseReader(ResponseLimits limits) : limits_(limits) {}

    void feed(std::string_view bytes);
    // nullopt: feed more. bad_input: a response that is none or is larger than allowed; nothing can be read after it.
    Result<std::optional<Response>> next();
    bool empty() const { return at_ == buffer_.size(); }

  private:
    ResponseLimits limits_;
    std::string buffer_;
    std::size_t at_ = 0;       // where the current response begins
    std::size_t line_ = 0;     // where its current line begins, counted from at_
    std::size_t scanned_ = 0;  // no line end before this, counted from at_
};

}  // namespace tributary::connectors::imap
