// Receipt: what a person agreed to or took back, as JSON-LD in the terms of ISO/IEC TS 27560 and DPV: something to hand
// to them, that says what our ledger says. The caller signs it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gateway/base/clock.hpp"
#include "gateway/consent/event.hpp"
#include "gateway/consent/purpose.hpp"
#include "gateway/value/document.hpp"

namespace tributary::consent {

// `issuer`: who signs. Only what the events say: nothing is filled in for what was not recorded.
value::Document receipt_of(const PurposeRegistry& purposes, std::span<const ConsentEvent> events,
                           std::string_view issuer, Timestamp now);

}  // namespace tributary::consent
