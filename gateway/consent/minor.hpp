// Minors: who is too young to consent alone. GDPR 8 lets each state choose an age from 13 to 16, PIPL 31 says 14, COPPA
// 13. Where the country is not known, or not listed, it is 16.
#pragma once

#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/record/date.hpp"

namespace tributary::consent {

// `jurisdiction`: ISO 3166; of "US-CA" the country counts.
int age_of_consent(std::string_view jurisdiction);

// Days and months that are not known are taken as the end of the year or month: a person is rather too young than too
// old. Without a year nobody can tell, and it is false.
bool is_minor(const record::PartialDate& birth, std::string_view jurisdiction, Timestamp now);

}  // namespace tributary::consent
