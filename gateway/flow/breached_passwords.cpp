#include "gateway/flow/breached_passwords.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "gateway/base/ascii.hpp"
#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/digest.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kShortest = 10, kLongest = 40, kLongestLine = 80;

struct Line {
    std::string hash;       // in small letters
    std::uint64_t end = 0;  // where the next one begins
};

class SortedLines {
  public:
    explicit SortedLines(const std::filesystem::path& file) : path_(file), in_(file, std::ios::binary) {
        in_.seekg(0, std::ios::end);
        if (in_) size_ = static_cast<std::uint64_t>(in_.tellg());
    }

    // The first whole line at or behind the offset; nullopt: there is none.
    Result<std::optional<Line>> at(std::uint64_t offset) {
        if (!in_) return fail(Fault::bad_config, "this file cannot be read", path_.string());
        // One byte earlier: an offset at the begin of a line means that line.
        std::uint64_t begin = offset == 0 ? 0 : offset - 1;
        std::string text(std::min<std::uint64_t>(2 * kLongestLine, size_ - begin), '\0');
        in_.seekg(static_cast<std::streamoff>(begin));
        in_.read(text.data(), static_cast<std::streamsize>(text.size()));
        if (!in_) return fail(Fault::bad_config, "this file cannot be read", path_.string());
        if (offset > 0) {
            const auto end = text.find('\n');
            if (end == std::string::npos && begin + text.size() < size_) return flawed(begin);
            if (end == std::string::npos) return std::optional<Line>();
            begin += end + 1;
            text.erase(0, end + 1);
        }
        if (text.empty()) return std::optional<Line>();
        const auto end = std::min(text.find('\n'), text.size());
        auto hash = lower_ascii(trim(std::string_view(text).substr(0, std::min(text.find(':'), end))));
        if (hash.size() < kShortest || hash.size() > kLongest || !std::ranges::all_of(hash, is_hex_digit))
            return flawed(begin);
        return std::optional(Line{std::move(hash), begin + end + 1});
    }
    std::uint64_t size() const { return size_; }

  private:
    std::unexpected<Error> flawed(std::uint64_t at) const {
        return fail(
            Fault::bad_config,
            "a line of it is not `HASH:count`, with a SHA-1 in hex or its beginning, at byte " + std::to_string(at),
            path_.string());
    }
    static bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

    const std::filesystem::path& path_;
    std::ifstream in_;
    std::uint64_t size_ = 0;
};

Result<void> check_first(SortedLines& lines, const std::filesystem::path& file) {
    TRY(const auto first, lines.at(0));
    if (!first) return fail(Fault::bad_config, "this file is empty", file.string());
    return {};
}

}  // namespace

Result<bool> BreachedPasswords::hold(std::string_view password) const {
    if (file_.empty()) return false;
    SortedLines lines(file_);
    CHECK_OK(check_first(lines, file_));
    const auto wanted = to_hex(crypto::digest(crypto::Hash::sha1, password));
    // The last line that is not behind the wanted one is it, or its beginning, or neither.
    std::optional<Line> last;
    for (std::uint64_t low = 0, high = lines.size(); low < high;) {
        const auto middle = low + (high - low) / 2;
        TRY(auto line, lines.at(middle));
        if (!line || line->hash > wanted) {
            high = middle;
        } else {
            low = std::max(line->end, middle + 1);
            last = std::move(line);
        }
    }
    return last && wanted.starts_with(last->hash);
}

Result<void> BreachedPasswords::check() const {
    if (file_.empty()) return {};
    SortedLines lines(file_);
    return check_first(lines, file_);
}

}  // namespace tributary::flow
