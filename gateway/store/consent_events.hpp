// Consent events: append-only evidence. The store keeps order of arrival; what they mean is decided in consent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

struct ConsentEventRow {
    std::int64_t seq = 0;  // order of arrival, given by the store
    Uid event;
    Uid subject;
    std::string purpose;
    Timestamp event_at;
    Timestamp received_at;
    std::string body;    // JSON of all that is not personal
    std::string sealed;  // proof and other personal parts; may be empty
};

class ConsentEventsView {
  public:
    virtual ~ConsentEventsView() = default;
    // One list for each subject, in the order asked; each in order of seq.
    virtual Result<std::vector<std::vector<ConsentEventRow>>> of(std::span<const Uid> subjects) = 0;
    // The seq of the newest one, 0 without any: the same number means that nothing was said in between.
    virtual Result<std::int64_t> newest() = 0;
    virtual Result<std::vector<ConsentEventRow>> list(std::int64_t after, std::size_t limit) = 0;
};

class ConsentEvents : public virtual ConsentEventsView {
  public:
    // How many were new: an event whose uid is known already is left as it is.
    virtual Result<std::uint64_t> put(std::span<const ConsentEventRow> events) = 0;
    // Evidence whose time is over.
    virtual Result<std::uint64_t> remove(std::span<const Uid> subjects) = 0;
};

}  // namespace tributary::store
