#include "gateway/value/lines.hpp"

#include <algorithm>

#include "gateway/value/utf8.hpp"

namespace tributary::value {

namespace {

constexpr std::size_t kBeginning = 1024;  // of a line that is too long, kept for people to see

}  // namespace

// The line is the first `size` bytes of the queue; `end` includes its line end.
Line LineReader::take(std::size_t size, std::size_t end) {
    auto text = queue_.rest().substr(0, size);
    bool too_long = skipping_ || size > max_line_;
    if (skipping_) {
        text = beginning_;
    } else if (too_long) {
        text = text.substr(0, std::min(kBeginning, max_line_));
    }
    skipping_ = false;
    if (!too_long && text.ends_with('\r')) text.remove_suffix(1);
    if (at_start_ && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    at_start_ = false;
    scanned_ = 0;
    queue_.consume(end);
    return {text, ++number_, queue_.offset(), too_long};
}

std::optional<Line> LineReader::next() {
    const auto rest = queue_.rest();
    const auto line_end = rest.find('\n', scanned_);
    if (line_end != rest.npos) return take(line_end, line_end + 1);
    scanned_ = rest.size();
    if (skipping_ || rest.size() > max_line_) {
        if (!skipping_) beginning_ = rest.substr(0, std::min(kBeginning, max_line_));
        skipping_ = true;
        queue_.consume(rest.size());
        scanned_ = 0;
    }
    return std::nullopt;
}

std::optional<Line> LineReader::finish() {
    const auto rest = queue_.rest();
    if (rest.empty() && !skipping_) return std::nullopt;
    return take(rest.size(), rest.size());
}

}  // namespace tributary::value
