#include "gateway/store/sqlite/log_check.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <span>
#include <string>

namespace tributary::store {
namespace {

// The format is SQLite's (sqlite.org/fileformat2.html, "WAL File Format").
constexpr std::size_t kLogHeader = 32, kFrameHeader = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // the lowest bit: checksums of big-endian words
constexpr std::uint32_t kSmallestPage = 512, kLargestPage = 65536;
// The newest commit may be torn, and behind it the rest of one that was torn before the last start.
constexpr std::uint64_t kTornAtMost = 2;

std::uint32_t word(std::span<const char> bytes, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

struct Sum {
    std::uint32_t first = 0, second = 0;
    bool operator==(const Sum&) const = default;
};

Sum stored(std::span<const char> bytes, std::size_t at) {
    return {word(bytes, at), word(bytes, at + 4)};
}

Sum add(Sum sum, std::span<const char> bytes, bool big_endian) {
    const bool swapped = big_endian == (std::endian::native == std::endian::little);
    const char* end = bytes.data() + bytes.size() / 8 * 8;
    for (const char* at = bytes.data(); at != end; at += 8) {
        std::uint32_t pair[2];
        std::memcpy(pair, at, sizeof pair);
        if (swapped) {
            pair[0] = std::byteswap(pair[0]);
            pair[1] = std::byteswap(pair[1]);
        }
        sum.first += pair[0] + sum.second;
        sum.second += pair[1] + sum.first;
    }
    return sum;
}

// Commits that are whole behind the first frame that does not fit.
class Frames {
  public:
    Frames(std::ifstream& file, std::span<const char> header)
        : file_(file),
          page_(word(header, 8)),
          salts_(stored(header, 16)),
          big_endian_((word(header, 0) & 1) != 0),
          before_(stored(header, 24)) {
        const auto sum = add({}, header.first(24), big_endian_);
        fits_ = sum == before_;
    }

    // Frames of this log's life alone: others are left over from the one before.
    std::uint64_t stranded() {
        std::string frame(kFrameHeader + page_, '\0');
        std::uint64_t commits = 0;
        while (file_.read(frame.data(), static_cast<std::streamsize>(frame.size()))) {
            const std::span<const char> bytes(frame);
            const auto own = stored(bytes, 16);
            const auto sum = add(add(before_, bytes.first(8), big_endian_), bytes.subspan(kFrameHeader), big_endian_);
            const bool whole = sum == own && stored(bytes, 8) == salts_;
            if (whole && !fits_ && word(bytes, 4) != 0) ++commits;
            fits_ = fits_ && whole;
            before_ = own;  // a frame is judged by what stands before it, so that those behind a damaged one can be
        }
        return commits;
    }

  private:
    std::ifstream& file_;
    std::uint32_t page_;
    Sum salts_;
    bool big_endian_;
    Sum before_;
    bool fits_ = true;
};

}  // namespace

Result<void> check_log(const std::filesystem::path& log) {
    std::ifstream file(log, std::ios::binary);
    std::array<char, kLogHeader> header{};
    if (!file || !file.read(header.data(), header.size())) return {};
    const auto page = word(header, 8);
    if ((word(header, 0) & ~1U) != kMagic || !std::has_single_bit(page) || page < kSmallestPage || page > kLargestPage)
        return {};  // was being written: nothing in it counts yet
    const auto stranded = Frames(file, header).stranded();
    if (stranded <= kTornAtMost) return {};
    return fail(Fault::internal,
                fmt::format("the write-ahead log is damaged, and {} commits stand behind the damage: restore a backup, "
                            "or give them up by opening the database once with the sqlite3 tool",
                            stranded),
                log.string());
}

}  // namespace tributary::store
