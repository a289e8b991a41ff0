// What the operations on requests of subjects share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/access/caller.hpp"
#include "gateway/api/operation_info.hpp"
#include "gateway/app/config.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"
#include "gateway/consent/subject_request.hpp"
#include "gateway/flow/access_pack.hpp"
#include "gateway/flow/erasure.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;

Result<Uid> request_argument(value::Node arguments);
// A reference to a file or a case, without anything of the person.
Result<std::string> note_argument(value::Node arguments, std::string_view name);
// `customer`: one or several, with commas between.
Result<std::vector<Uid>> customers_argument(value::Node arguments);
// Who does it: the user or token that asks. On this machine's own command line: `by`, else "operator"; nobody else may
// name another.
Result<std::string> operator_argument(const access::Caller& caller, value::Node arguments);
// How long things are kept, for an access pack to say.
flow::RetentionNotes retention_notes(const RetentionConfig& keep);
// Removes what was kept long enough and what has no basis any more. Blocks.
Result<std::vector<flow::PolicyReport>> sweep_retention(Gateway& gateway, bool dry_run);
// A request as operators see it: without the hash of its code.
value::Document request_answer(const consent::SubjectRequest& request, Timestamp now);
api::Fields request_fields();

// What an erasure needs of this gateway.
flow::ErasureTools erasure_tools(Gateway& gateway);

}  // namespace tributary::app
