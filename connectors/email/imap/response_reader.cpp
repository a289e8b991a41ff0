#include "connectors/email/imap/response_reader.hpp"

#include <fmt/format.h>

#include <utility>

namespace tributary::connectors::imap {

void ResponseReader::feed(std::string_view bytes) {
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_.append(bytes);
}

Result<std::optional<Response>> ResponseReader::next() {
    const auto rest = std::string_view(buffer_).substr(at_);
    for (;;) {
        const auto end = scanned_ < rest.size() ? rest.find("\r\n", scanned_) : rest.npos;
        if (end == rest.npos) {
            if (rest.size() > line_ && rest.size() - line_ > limits_.line)
                return fail(Fault::bad_input, fmt::format("imap: a line longer than {} bytes", limits_.line));
            // A CR that came last may belong to a line end.
            if (rest.size() > scanned_) scanned_ = std::max(line_, rest.size() - 1);
            return std::nullopt;
        }
        const auto line = rest.substr(line_, end - line_);
        const auto literal = line_ == 0 && is_text_line(line) ? std::nullopt : announced_literal(line);
        if (!literal) {
            const auto size = end + 2;
            auto response = parse_response(rest.substr(0, size));
            at_ += size;
            line_ = scanned_ = 0;
            if (!response) return pass(std::move(response));
            return std::optional(std::move(*response));
        }
        if (end + 2 > limits_.response || *literal > limits_.response - (end + 2))
            return fail(Fault::bad_input, fmt::format("imap: a response longer than {} bytes", limits_.response));
        line_ = end + 2 + static_cast<std::size_t>(*literal);
        scanned_ = line_;
        if (rest.size() < line_) return std::nullopt;
    }
}

}  // namespace tributary::connectors::imap
