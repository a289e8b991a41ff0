// Trace: what happened to every field of one record, for `tributary map`. Values are kept only when asked for: they are
// meant for the user's own terminal, never for a log.
#pragma once

#include <string>
#include <vector>

#include "gateway/mapping/mapped.hpp"
#include "gateway/value/document.hpp"

namespace tributary::mapping {

struct TraceLine {
    std::string target;                       // "lines[0].unit_price"
    std::string source;                       // "line_items[0].price"; empty for constants and scripts
    value::Kind kind = value::Kind::missing;  // of the source value
    std::string how;                          // "money", "lookup", "constant", "lua", "copy", "each", "link"
    std::string outcome;  // "written", "absent", "dropped", "failed", "not asked" (its `when` did not hold)
    std::string value;    // the source value as JSON, cut to 80 bytes; empty unless asked for
    std::string issue;    // the issue's message
};

class Trace {
  public:
    explicit Trace(bool with_values = false) : with_values_(with_values) {}

    const std::vector<TraceLine>& lines() const { return lines_; }
    // A table for people, one line for each field.
    std::string text() const;

    // For the plan.
    bool with_values() const { return with_values_; }
    void add(TraceLine line) { lines_.push_back(std::move(line)); }

  private:
    bool with_values_;
    std::vector<TraceLine> lines_;
};

}  // namespace tributary::mapping
