#include "gateway/connector/singer/errors_seen.hpp"

#include <fmt/format.h>

#include "gateway/base/ascii.hpp"

namespace tributary::connector::singer {
namespace {

bool names(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.';
}

}  // namespace

std::string_view exception_in(std::string_view line) {
    // Python ends a traceback with "module.SomeError: text"; only the beginning of a line is a class for sure.
    std::size_t end = 0;
    while (end < line.size() && names(line[end])) ++end;
    const auto word = line.substr(0, end);
    if (word.empty() || word.size() > 100 || (end < line.size() && line[end] != ':')) return {};
    for (const std::string_view ending : {"Error", "Exception", "Timeout"})
        if (word.ends_with(ending)) return word;
    return {};
}

void ErrorsSeen::feed(std::string_view chunk) {
    reader_.feed(chunk);
    while (const auto line = reader_.next()) see(line->text);
}

void ErrorsSeen::see(std::string_view line) {
    ++lines_;
    if (const auto found = exception_in(line); !found.empty()) exception_ = found;
    const auto level = line.substr(0, 80);
    if (level.contains("CRITICAL") || level.contains("ERROR"))
        ++errors_;
    else if (level.contains("WARN"))
        ++warnings_;
}

std::string ErrorsSeen::text() const {
    if (exception_.empty() && errors_ == 0) return {};
    if (exception_.empty()) return fmt::format(" ({} error lines)", errors_);
    return fmt::format(" ({})", exception_);
}

}  // namespace tributary::connector::singer
