#include "gateway/consent/gpp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "gateway/base/text.hpp"

namespace tributary::consent {
namespace {

constexpr std::size_t kLongestGpp = 8 << 10;
constexpr int kHeaderType = 3, kGppVersion = 1;
constexpr int kUsPrivacy = 6;  // a text of four letters, older than GPP
constexpr int kGpcSubsection = 1;
constexpr int kOptedOut = 1;  // 0: not applicable, 2: did not opt out

std::unexpected<Error> broken(std::string what) {
    return fail(Fault::bad_input, std::move(what), "GPP string");
}

// Bits of URL-safe Base64, six to a letter, the first one highest.
class Bits {
  public:
    static Result<Bits> of(std::string_view text) {
        static constexpr std::string_view kAlphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Bits bits;
        while (text.ends_with('=')) text.remove_suffix(1);
        for (char letter : text) {
            auto value = kAlphabet.find(letter);
            if (value == std::string_view::npos) return broken("holds a character that is not URL-safe Base64");
            for (int bit = 5; bit >= 0; --bit) bits.bits_.push_back((value >> bit & 1) != 0);
        }
        return bits;
    }
    Result<int> number(std::size_t from, std::size_t count) const {
        if (from + count > bits_.size()) return broken("ends too early");
        int value = 0;
        for (std::size_t i = from; i < from + count; ++i) value = value << 1 | int{bits_[i]};
        return value;
    }
    Result<int> take(std::size_t count) {
        TRY(auto value, number(at_, count));
        at_ += count;
        return value;
    }
    // Fibonacci coding: ones mark the summands, two in a row the end.
    Result<int> take_fibonacci() {
        int value = 0, smaller = 1, summand = 1;
        for (bool before = false;;) {
            TRY(auto bit, take(1));
            if (bit == 1 && before) return value;
            before = bit == 1;
            if (before) value += summand;
            int next = smaller + summand;
            smaller = summand;
            summand = next;
            if (summand > (1 << 20)) return broken("names a section beyond all that there are");
        }
    }

  private:
    std::vector<bool> bits_;
    std::size_t at_ = 0;
};

Result<std::vector<int>> section_ids(std::string_view header) {
    TRY(auto bits, Bits::of(header));
    TRY(auto type, bits.take(6));
    if (type != kHeaderType) return broken(fmt::format("is of type {}, expected {}", type, kHeaderType));
    TRY(auto version, bits.take(6));
    if (version != kGppVersion) return broken(fmt::format("has version {}, expected {}", version, kGppVersion));
    TRY(auto ranges, bits.take(12));
    std::vector<int> ids;
    int last = 0;
    for (int i = 0; i < ranges; ++i) {
        TRY(auto is_range, bits.take(1));
        TRY(auto step, bits.take_fibonacci());
        int first = last + step;
        last = first;
        if (is_range == 1) {
            TRY(auto length, bits.take_fibonacci());
            last += length;
        }
        if (ids.size() + static_cast<std::size_t>(last - first) >= 256) return broken("has too many sections");
        for (int id = first; id <= last; ++id) ids.push_back(id);
    }
    return ids;
}

// Where the choices of a section stand in its core, in bits; nullopt: it has no such choice.
struct Layout {
    int section;
    std::size_t sale;
    std::optional<std::size_t> sharing, targeted_ads;
};

constexpr std::array kLayouts{
    Layout{7, 18, 20, 22},            // usnat
    Layout{8, 12, 14, std::nullopt},  // usca
    Layout{9, 12, std::nullopt, 14},  // usva
    Layout{10, 12, std::nullopt, 14},
    Layout{11, 14, std::nullopt, 16},
    Layout{12, 12, std::nullopt, 14},
    Layout{13, 12, std::nullopt, 14},
    Layout{14, 12, std::nullopt, 14},
    Layout{15, 12, std::nullopt, 14},
    Layout{16, 12, std::nullopt, 14},
    Layout{17, 12, std::nullopt, 14},
    Layout{18, 14, std::nullopt, 16},
    Layout{19, 12, std::nullopt, 14},
    Layout{20, 12, std::nullopt, 14},
    Layout{21, 12, std::nullopt, 14},
    Layout{22, 12, std::nullopt, 14},
};

Result<void> read_us_privacy(std::string_view text, GppOptOuts& out) {
    if (text.size() != 4 || text[0] != '1') return broken("its US Privacy section is not 1 and three letters");
    out.sale = out.sale || text[2] == 'Y' || text[2] == 'y';
    return {};
}

Result<void> read_choices(const Layout& layout, std::string_view text, GppOptOuts& out) {
    auto parts = split(text, '.');
    TRY(auto core, Bits::of(parts.front()));
    auto opted_out = [&](std::size_t at) -> Result<bool> {
        TRY(auto choice, core.number(at, 2));
        return choice == kOptedOut;
    };
    TRY(bool sale, opted_out(layout.sale));
    out.sale = out.sale || sale;
    if (layout.sharing) {
        TRY(bool sharing, opted_out(*layout.sharing));
        out.sharing = out.sharing || sharing;
    }
    if (layout.targeted_ads) {
        TRY(bool ads, opted_out(*layout.targeted_ads));
        out.targeted_ads = out.targeted_ads || ads;
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
        TRY(auto more, Bits::of(parts[i]));
        TRY(auto kind, more.number(0, 2));
        if (kind != kGpcSubsection) continue;
        TRY(auto gpc, more.number(2, 1));
        out.gpc = out.gpc || gpc == 1;
    }
    return {};
}

}  // namespace

bool GppOptOuts::end(const Purpose& purpose) const {
    return (purpose.third_party && (sale || sharing || gpc)) || (purpose.profiling && (targeted_ads || gpc));
}

Result<GppOptOuts> read_gpp(std::string_view text) {
    if (text.size() > kLongestGpp) return broken("is longer than 8 KB");
    auto parts = split(text, '~');
    GppOptOuts out;
    TRY(out.sections, section_ids(parts.front()));
    if (out.sections.size() + 1 != parts.size())
        return broken(
            fmt::format("its header names {} sections, and {} follow", out.sections.size(), parts.size() - 1));
    for (std::size_t i = 0; i < out.sections.size(); ++i) {
        if (out.sections[i] == kUsPrivacy) CHECK_OK(read_us_privacy(parts[i + 1], out));
        const auto* layout = std::ranges::find(kLayouts, out.sections[i], &Layout::section);
        if (layout != kLayouts.end()) CHECK_OK(read_choices(*layout, parts[i + 1], out));
    }
    return out;
}

}  // namespace tributary::consent
