// BrowserSignal: Global Privacy Control. A connection whose requests come from the person's own browser (a form that
// posts to us) may carry `Sec-GPC: 1`: the person objects to passing data on and to profiling. Of every other request
// the header says something about a server, and is not looked at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/flow/consent_intake.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

// What of the headers lies in the inbox beside the body, and whether it says that the signal was there.
std::string headers_to_keep(const Connection& connection, const connector::InboundRequest& request);
bool says_gpc(std::string_view kept);

// An objection for each purpose that the signal ends.
Result<std::vector<PreparedConsent>> gpc_acts(World& world, const Connection& connection, const Uid& contact,
                                              const Uid& subject, Timestamp at);

}  // namespace tributary::flow
