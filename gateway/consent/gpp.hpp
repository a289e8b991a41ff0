// GPP: the opt-outs in a string of the IAB Global Privacy Platform (header of type 3, version 1), as evidence of an
// objection. Of its sections those of the United States speak of the uses that we know: selling, sharing, targeted
// advertising. The others (TCF) are consents of advertising networks and are listed, not read.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/consent/purpose.hpp"

namespace tributary::consent {

struct GppOptOuts {
    std::vector<int> sections;  // their ids, as in the header
    bool sale = false;          // opted out in at least one section
    bool sharing = false;
    bool targeted_ads = false;
    bool gpc = false;  // the browser sent Global Privacy Control: an opt-out of all three

    // Whether what `purpose` stands for was opted out of: passing data on, or advertising by profile.
    bool end(const Purpose& purpose) const;
    friend bool operator==(const GppOptOuts&, const GppOptOuts&) = default;
};

// bad_input says what is wrong: an opt-out that cannot be read must not pass for none. Never longer than 8 KB.
Result<GppOptOuts> read_gpp(std::string_view text);

}  // namespace tributary::consent
