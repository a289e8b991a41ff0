// Actions: what can be written to a system, as a file writes it: one request, or steps that pass values on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/connector.hpp"
#include "gateway/connector/declarative/batch.hpp"
#include "gateway/connector/declarative/errors.hpp"
#include "gateway/connector/declarative/request.hpp"

namespace tributary::connector {

// A step is taken when every name in `present` has a value and none in `missing` has one.
struct StepWhen {
    std::vector<std::string> present, missing;
};
const spec::Type<StepWhen>& describe(spec::Tag<StepWhen>);

// The answer to a search lists candidates; the one that matches is {found}.
struct Candidates {
    std::string results;  // path of the list in the answer; empty: the answer is precise
    Match match;          // over what the request may name

    // Missing when none matches. The node lives as long as the answer.
    Result<value::Node> find(const Answer& answer, const Scope& scope) const {
        return first_match(find_in(answer.root(), results), match, scope);
    }
};

struct Step {
    std::string name;
    StepWhen when;
    RequestTemplate request;
    Candidates candidates;                 // of a search: {found} for `save`
    std::vector<spec::Named<Where>> save;  // become {saved.NAME}; what is not there stays missing
    std::vector<ErrorRule> errors;         // asked before the connector's own
};
const spec::Type<Step>& describe(spec::Tag<Step>);

struct StepList {
    std::vector<Step> steps;
    Template remote_id;  // over {saved}, {answer} (of the last step taken) and {remote_id}
};

// Whether an item did arrive, after an outcome nobody knows: remote_id is nothing when it did not.
struct LookUpRule {
    StepList search;
    Candidates candidates;  // in the last answer
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
