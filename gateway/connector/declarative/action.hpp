// Actions: what can be written to a system, as a file writes it: one request, or steps that pass values on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/errors.hpp"
#include "gateway/connector/declarative/request.hpp"

namespace tributary::connector {

// A step is taken when every name in `present` has a value and none in `missing` has one.
struct StepWhen {
    std::vector<std::string> present, missing;
};
const spec::Type<StepWhen>& describe(spec::Tag<StepWhen>);

struct Step {
    std::string name;
    StepWhen when;
    RequestTemplate request;
    std::vector<spec::Named<Where>> save;  // become {saved.NAME}; what is not there stays missing
    std::vector<ErrorRule> errors;         // asked before the connector's own
};
const spec::Type<Step>& describe(spec::Tag<Step>);

struct StepList {
    std::vector<Step> steps;
    Template remote_id;  // over {saved}, {answer} (of the last step taken) and {remote_id}
};

// Whether an item did arrive, after an outcome nobody knows: remote_id is nothing when it did not. Searches of real
// systems are loose (words, prefixes, a case folded away), so with `results` only a result counts whose every `match`
// path holds that very text, or nothing where the template has none; the first such one is {found}.
struct LookUpRule {
    StepList search;
    std::string results;                       // path of the list in the last answer; empty: the answer is precise
    std::vector<spec::Named<Template>> match;  // path in each result, over what the request may name
};

// How the answer to a batch tells what became of each item: a list in the order they were sent.
struct BatchRule {
    std::size_t size = 1;
    std::string results;            // path of the list
    std::string remote_id;          // path in each result
    std::vector<ValueTest> failed;  // a result for which all hold is a failure
    std::string code;               // path of a machine code in a failed result
    Fault fault = Fault::bad_input;
};
const spec::Type<BatchRule>& describe(spec::Tag<BatchRule>);

struct ActionRule {
    std::string description;
    std::vector<spec::Named<std::string>> record;  // the fields it reads: name and meaning
    StepList push;
    std::optional<BatchRule> batch;
    Idempotency idempotency = Idempotency::none;
    std::string idempotency_header;
    std::optional<Condition> already_applied;  // an answer that says: this one I have
    std::optional<LookUpRule> look_up;
    std::optional<StepList> remove;  // for records that are deleted

    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<ActionRule>& describe(spec::Tag<ActionRule>);

}  // namespace tributary::connector
