#include "gateway/base/duration.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace tributary {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
// Largest first, so that formatting picks the roundest unit.
constexpr std::array kDurations{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000},
                                Unit{"ms", 1}};
constexpr std::array kSizes{Unit{"GB", 1ULL << 30}, Unit{"MB", 1ULL << 20}, Unit{"KB", 1ULL << 10}, Unit{"B", 1}};

template <std::size_t N>
Result<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units, std::string_view example) {
    std::uint64_t number = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (ec == std::errc{})
        for (const auto& known : units)
            if (known.name == unit &&
                number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / known.factor)
                return number * known.factor;
    return fail(Fault::bad_config, "'" + std::string(text) + "' is not " + std::string(example));
}

template <std::size_t N>
std::string format(std::uint64_t value, const std::array<Unit, N>& units) {
    for (const auto& unit : units)
        if (value >= unit.factor && value % unit.factor == 0)
            return std::to_string(value / unit.factor) + std::string(unit.name);
    return "0" + std::string(units.back().name);
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
    TRY(auto ms, parse(text, kDurations, "a duration such as 250ms, 30s, 5m, 72h or 14d"));
    return Milliseconds{static_cast<Milliseconds::rep>(ms)};
}

std::string format_duration(Milliseconds duration) {
    return format(static_cast<std::uint64_t>(std::max<Milliseconds::rep>(0, duration.count())), kDurations);
}

Result<std::uint64_t> parse_size(std::string_view text) {
    return parse(text, kSizes, "a size such as 512B, 64KB, 1MB or 2GB");
}

std::string format_size(std::uint64_t bytes) {
    return format(bytes, kSizes);
}

}  // namespace tributary
