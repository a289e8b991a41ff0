// The certificate of an erasure: what was done where, as one line of JSON in a signed note (audit/signed_note.hpp), so
// that anybody with the public key can check it without the gateway.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/consent/subject_request.hpp"
#include "gateway/flow/erasure_progress.hpp"
#include "gateway/store/propagation.hpp"

namespace tributary::flow {

// The text to be signed. `tasks`: those of the request.
std::string certificate_text(const consent::SubjectRequest& request, const ErasureProgress& progress,
                             const std::vector<store::PropagationTask>& tasks, Timestamp now);

}  // namespace tributary::flow
