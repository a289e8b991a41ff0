// Quality: counters of drift (fields that are new or changed their type) and of data-quality issues, never values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"

namespace tributary::store {

enum class QualityKind { drift, issue };

struct QualityCount {
    QualityKind kind = QualityKind::issue;
    std::string connection, stream;
    std::string path;  // of the field
    std::string code;  // "new_field", "type text -> integer", "bad_email", ...
    std::uint64_t count = 1;
    Timestamp first_at, last_at;
};

class QualityView {
  public:
    virtual ~QualityView() = default;
    // Empty names match all. Largest count first.
    virtual Result<std::vector<QualityCount>> list(QualityKind kind, const std::string& connection,
                                                   const std::string& stream, std::size_t limit) = 0;
};

class Quality : public virtual QualityView {
  public:
    // Adds to what is there: counts are summed, the times widen.
    virtual Result<void> add(std::span<const QualityCount> counts) = 0;
    virtual Result<void> clear(const std::string& connection, const std::string& stream) = 0;
};

}  // namespace tributary::store
