// ZoneRule: turns local times into instants and back, by an IANA zone or a fixed offset.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace date {
class time_zone;
}

namespace tributary::record {

class ZoneRule {
  public:
    // "" (no zone), "UTC", "Z", "+08:00" or an IANA id. Fault::bad_config names what is accepted.
    static Result<ZoneRule> find(std::string_view name);

    bool known() const { return !std::holds_alternative<std::monostate>(rule_); }
    struct Instant {
        Timestamp at{};
        bool ambiguous = false;  // it happened twice: this is the earlier one
    };
    // nullopt: the zone's clocks skip that time. REQUIRES: known().
    std::optional<Instant> to_utc(Timestamp local) const;
    Timestamp to_local(Timestamp at) const;

  private:
    std::variant<std::monostate, std::chrono::minutes, const date::time_zone*> rule_;
};

// "+08:00", "+0800", "+08", "Z" at the start of `text`, which is advanced behind it.
std::optional<std::chrono::minutes> take_offset(std::string_view& text);

}  // namespace tributary::record
