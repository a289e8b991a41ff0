// BatchRule: how the answer to a request with many records tells what became of each. Pure.
//
// Results come in the order sent, or, with `match`, in any order, each naming its record. Failures may stand among the
// results or in a list of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/condition.hpp"
#include "gateway/connector/declarative/match.hpp"

namespace tributary::connector {

// The fault of a failed result for which `when` holds.
struct BatchFault {
    ValueTest when;
    Fault fault = Fault::bad_input;
};
const spec::Type<BatchFault>& describe(spec::Tag<BatchFault>);

// A list of failures beside the results.
struct BatchFailures {
    std::string at;  // path of the list
    Match match;     // over {item}: which failure is that item's
};
const spec::Type<BatchFailures>& describe(spec::Tag<BatchFailures>);

struct BatchRule {
    std::size_t size = 1;
    std::string results;  // path of the list
    Match match;          // over {item}: which result is that item's
    std::optional<BatchFailures> failures;
    std::string remote_id;           // path in each result
    std::vector<ValueTest> failed;   // a result for which all hold is a failure
    std::string code;                // path of a machine code in a failed result
    std::vector<BatchFault> faults;  // the first that holds counts
    Fault fault = Fault::bad_input;  // of the other failures

    // One outcome for each item. `list` is {items}: record, idempotency_key and remote_id of each.
    // What the answer does not tell of an item is unknown: ambiguous.
    Result<std::vector<Sink::Outcome>> read(const Answer& answer, const std::vector<Push>& items,
                                            value::Node list) const;
    void check(const Names& names, spec::Problems& problems) const;

  private:
    Sink::Outcome outcome_of(value::Node result, const Push& item, bool is_failure) const;
};
const spec::Type<BatchRule>& describe(spec::Tag<BatchRule>);

}  // namespace tributary::connector
