// SubjectMarks: subjects whose data are under hold (not erased and not swept until it is released) or restricted (kept,
// and used for hardly anything).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/base/uid.hpp"

namespace tributary::store {

enum class MarkKind : std::uint8_t { held, restricted };  // the numbers stand in stored rows

struct SubjectMark {
    MarkKind kind = MarkKind::held;
    Uid subject;
    std::string basis;               // why: a reference of the operator's, no personal value
    std::optional<Timestamp> until;  // unset: until it is released
    std::string by;
    Timestamp at;
};

class SubjectMarksView {
  public:
    virtual ~SubjectMarksView() = default;
    // Those of this kind that hold at `now`.
    virtual Result<std::vector<SubjectMark>> of(MarkKind kind, std::span<const Uid> subjects, Timestamp now) = 0;
    // In order of subject: pass the last one seen, a nil Uid to begin. Those that ended are listed too.
    virtual Result<std::vector<SubjectMark>> list(MarkKind kind, Uid after, std::size_t limit) = 0;
};

class SubjectMarks : public virtual SubjectMarksView {
  public:
    // One for each (kind, subject): a newer one replaces it.
    virtual Result<void> put(std::span<const SubjectMark> marks) = 0;
    virtual Result<std::uint64_t> remove(MarkKind kind, std::span<const Uid> subjects) = 0;
};

}  // namespace tributary::store
