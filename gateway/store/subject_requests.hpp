// SubjectRequests: what people asked of their data, and how far it got (consent/subject_request.hpp). No personal
// value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

struct SubjectRequestRow {
    Uid uid;
    std::uint64_t version = 0;  // 0: not stored yet; put() counts it up
    std::string kind, state;    // names of consent/subject_request.hpp
    Timestamp received_at, due_at;
    std::optional<Timestamp> closed_at;
    std::string body;      // JSON of the request
    std::string progress;  // JSON of what its run did so far
};

class SubjectRequestsView {
  public:
    virtual ~SubjectRequestsView() = default;
    virtual Result<std::optional<SubjectRequestRow>> get(Uid uid) = 0;
    // In order of uid, which is that of receipt: pass the last one seen, a nil Uid to begin.
    virtual Result<std::vector<SubjectRequestRow>> list(bool open_only, Uid after, std::size_t limit) = 0;
    // Open, and due before `at`.
    virtual Result<std::uint64_t> overdue(Timestamp at) = 0;
};

class SubjectRequests : public virtual SubjectRequestsView {
  public:
    // Compare-and-set by version. Fault::conflict: somebody else changed it meanwhile.
    virtual Result<void> put(const SubjectRequestRow& row) = 0;
};

}  // namespace tributary::store
