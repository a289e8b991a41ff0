// RequestKeeper: requests of subjects as the store keeps them. Every act is stored and audited in one transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.hpp"
#include "gateway/consent/subject_request.hpp"
#include "gateway/flow/world.hpp"
#include "gateway/store/subject_requests.hpp"

namespace tributary::flow {

struct KeptRequest {
    consent::SubjectRequest request;
    std::uint64_t version = 0;  // 0: not stored yet
    std::string progress;       // of its run
};

// not_found when there is none.
Result<KeptRequest> load_request(World& world, const Uid& uid);
Result<KeptRequest> kept_request(const store::SubjectRequestRow& row);
// Stores it, with what is audited; `kept` has the new version then. For a write of more than this.
Result<void> keep_request(store::Session& session, KeptRequest& kept);
// The audit entry of an act on a request.
std::string request_entry(World& world, const KeptRequest& kept, std::string_view act, const std::string& by);

// A new request, received now.
Result<KeptRequest> receive_request(World& world, consent::SubjectRequest request);
// Applies, stores and audits. A wrong code is stored too, and its error returned.
Result<KeptRequest> act_on_request(World& world, const Uid& uid, const consent::RequestAct& act, std::string_view name);

}  // namespace tributary::flow
