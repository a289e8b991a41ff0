// What each issue code means, in words. The codes are stable: metrics and quarantine filters use them.
#pragma once

#include <string_view>

#include "gateway/record/issue.hpp"

namespace tributary::record {

// REQUIRES: a code of the table.
std::string_view issue_text(std::string_view code);
Issue make_issue(std::string_view code, std::string path = {});

}  // namespace tributary::record
