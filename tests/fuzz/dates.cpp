// Any bytes under every date format: never a crash, and what is accepted is written canonically and read back the same.
// The first byte picks format and zone, so that the corpus reaches them all.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "gateway/record/date.hpp"
#include "gateway/record/timestamp.hpp"

using namespace tributary::record;

namespace {

void require(bool fine) {
    if (!fine) std::abort();
}

std::vector<TimestampFormat> compile_all() {
    constexpr std::array<std::string_view, 12> kFormats = {"rfc3339",
                                                           "rfc2822",
                                                           "unix",
                                                           "unix_ms",
                                                           "unix_us",
                                                           "odata",
                                                           "date",
                                                           "%Y-%m-%d %H:%M:%S",
                                                           "%d/%m/%y %I:%M %p",
                                                           "%a %b %e %H:%M:%S %z %Y",
                                                           "%Y%j%H%M%S%f%Z",
                                                           "%s"};
    std::vector<TimestampFormat> all;
    for (const auto format : kFormats)
        for (const std::string_view zone : {"", "Europe/Berlin", "+08:00"})
            all.push_back(TimestampFormat::compile(format, zone).value());
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto formats = compile_all();
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (const auto parsed = formats[data[0] % formats.size()].parse(text)) {
        const auto canonical = timestamp_text(parsed->at);
        const auto again = parse_timestamp(canonical);
        require(again && *again == parsed->at);
    }
    if (const auto date = parse_partial_date(text)) require(date->text() == text);
    require(is_date(text) == (parse_partial_date(text) && parse_partial_date(text)->whole()));
    (void)TimestampFormat::compile(text, "").has_value();
    return 0;
}
