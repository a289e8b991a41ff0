// IngestGate: what of a record may be kept, where its stream says for which purposes it keeps records (E1). One purpose
// that the decision table allows for the person is enough. Without one the fields of classes P2 and P3 are taken out,
// where only class P3 lacks its consent those alone; a record that needs what was taken out is refused whole, one that
// is stored already becomes the mark that it was deleted.
// A restriction of processing leaves storage, so it takes nothing out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "gateway/base/result.hpp"
#include "gateway/flow/prepare.hpp"
#include "gateway/flow/world.hpp"

namespace tributary::flow {

struct NotKept {
    std::uint64_t refused = 0;                                               // records left out whole
    std::map<std::pair<std::string, std::string>, std::uint64_t> by_reason;  // (purposes, reason) -> records
};

// Takes out of the batch what must not be kept and notes the fields as data-quality issues. Idempotent: what is gone is
// not told again. transient: consent cannot be decided now. Costs nothing for streams that declare no purpose.
Result<NotKept> drop_without_basis(World& world, Prepared& prepared);

}  // namespace tributary::flow
