// Retry-After, reset headers and HTTP dates of foreign servers.
#include "gateway/net/retry_after.hpp"

#include <cstdint>
#include <cstdlib>

#include "gateway/net/http_date.hpp"

using namespace tributary;
using namespace tributary::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const Timestamp now{std::chrono::hours{24 * 365 * 56}};
    auto check = [](std::optional<Milliseconds> wait) {
        if (wait && (*wait < Milliseconds{0} || *wait > std::chrono::hours{24})) std::abort();
    };
    check(parse_retry_after(text, now));
    for (auto unit : {ResetUnit::seconds, ResetUnit::milliseconds, ResetUnit::minutes, ResetUnit::epoch_seconds,
                      ResetUnit::epoch_milliseconds, ResetUnit::timestamp})
        check(parse_reset(text, unit, now));
    auto half = text.size() / 2;
    check(retry_after({{"Retry-After", std::string(text.substr(0, half))}, {"Date", std::string(text.substr(half))}},
                      now));
    // A date that can be read is read again from what we write.
    if (auto date = parse_http_date(text, now)) {
        if (parse_http_date(format_http_date(*date), now) != date) std::abort();
    }
    return 0;
}
