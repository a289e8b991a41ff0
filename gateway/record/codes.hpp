// Language tags, time zones and web addresses: checked by shape or table, written in their usual case.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tributary::record {

// BCP 47: language[-Script][-REGION][-variant]...; "de_de" is "de-DE", "zh-hans-cn" is "zh-Hans-CN".
std::optional<std::string> parse_language(std::string_view text);
// An IANA id that the system's zone table knows, spelled exactly.
bool is_time_zone(std::string_view text);
// Absolute http or https with a host, no spaces, no user name, at most 2048 bytes.
bool is_web_url(std::string_view text);

}  // namespace tributary::record
