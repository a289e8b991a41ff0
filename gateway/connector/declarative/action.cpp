#include "gateway/connector/declarative/action.hpp"

#include "gateway/spec/alternatives.hpp"
#include "gateway/spec/settled.hpp"

namespace tributary::connector {

namespace {

// As written: `request` is short for one step.
struct WrittenSteps {
    std::optional<RequestTemplate> request;
    std::vector<Step> steps;
    Template remote_id;

    StepList list() const {
        if (request) return {{Step{.name = "request", .request = *request}}, remote_id};
        return {steps, remote_id};
    }
};

template <class T>
spec::Object<T>& steps_fields(spec::Object<T>& object) {
    return object.field("request", &WrittenSteps::request, {.summary = "the one request; several are `steps`"})
        .field("steps", &WrittenSteps::steps, {.summary = "requests taken in order", .required = false})
        .field("remote_id", &WrittenSteps::remote_id,
               {.summary = "the record's id over there, such as {answer.id} or {saved.id}", .required = false})
        .check([](const T& written, const spec::Yaml& yaml, spec::Problems& problems) {
            if (written.request.has_value() == !written.steps.empty())
                problems.add(yaml.place(), "give either request or steps");
        });
}

template <class T>
spec::Object<T>& candidate_fields(spec::Object<T>& object) {
    return object
        .field("results", &Candidates::results,
               {.summary = "path of the list of candidates in the answer; the one that matches is {found}",
                .required = false})
        .field("match", &Candidates::match,
               {.summary = "what a candidate must hold to the letter: a path in it, and the text", .required = false})
        .check([](const T& written, const spec::Yaml& yaml, spec::Problems& problems) {
            const Candidates& candidates = written;
            if (candidates.results.empty() != candidates.match.empty())
                problems.add(yaml.place(), "results and match go together");
        });
}

spec::Type<StepList> step_list_type(const std::string& name, const std::string& summary) {
    spec::Object<WrittenSteps> object(name, summary);
    const auto written = steps_fields(object).type();
    return {written.shape_pointer(),
            [written](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<StepList> {
                const auto steps = written.parse(yaml, problems);
                return steps ? std::optional(steps->list()) : std::nullopt;
            }};
}

struct WrittenLookUp : WrittenSteps, Candidates {};

const spec::Type<LookUpRule>& look_up_type() {
    static const auto written = [] {
        spec::Object<WrittenLookUp> object("look_up", "whether an item did arrive");
        steps_fields(object).check([](const WrittenLookUp& look_up, const spec::Yaml& yaml, spec::Problems& problems) {
            if (look_up.remote_id.empty()) problems.add(yaml.place(), "look_up needs a remote_id");
        });
        return candidate_fields(object).type();
    }();
    static const spec::Type<LookUpRule> type(
        written.shape_pointer(), [](const spec::Yaml& yaml, spec::Problems& problems) -> std::optional<LookUpRule> {
            const auto look_up = written.parse(yaml, problems);
            return look_up ? std::optional(LookUpRule{look_up->list(), static_cast<const Candidates&>(*look_up)})
                           : std::nullopt;
        });
    return type;
}

void check_steps(const StepList& list, const Names& names, spec::Problems& problems) {
    auto here = names;
    std::set<std::string, std::less<>> saved;
    for (const auto& step : list.steps)
        for (const auto& [name, _] : step.save) saved.insert(name);
    here.only("saved", saved);
    auto with_answer = here;
    with_answer.any("answer");
    for (const auto& step : list.steps) {
        step.request.check(here, problems);
        for (const auto& [_, text] : step.candidates.match) text.check(here, problems);
        auto with_found = with_answer;
        if (!step.candidates.results.empty()) with_found.any("found");
        for (const auto& [_, where] : step.save) where.check(with_found, problems);
    }
    list.remote_id.check(with_answer, problems);
}

struct WrittenAction : WrittenSteps, ActionRule {};

}  // namespace

void ActionRule::check(const Names& names, spec::Problems& problems) const {
    auto here = names;
    for (const auto* name : {"record", "remote_id", "idempotency_key"}) here.any(name);
    if (batch) here.any("records").any("items");
    check_steps(push, here, problems);
    if (batch) batch->check(here, problems);
    if (look_up) {
        auto with_found = here;
        if (!look_up->candidates.results.empty()) with_found.any("found");
        check_steps(look_up->search, with_found, problems);
        for (const auto& [_, text] : look_up->candidates.match) text.check(here, problems);
    }
    if (remove) check_steps(*remove, here, problems);
}

const spec::Type<StepWhen>& describe(spec::Tag<StepWhen>) {
    static const auto names = spec::one_or_many(spec::text());
    static const auto type =
        spec::Object<StepWhen>("step_when", "when a step is taken")
            .field("present", &StepWhen::present, names, {.summary = "names that have a value", .required = false})
            .field("missing", &StepWhen::missing, names, {.summary = "names that have none", .required = false})
            .type();
    return type;
}

const spec::Type<Step>& describe(spec::Tag<Step>) {
    struct Written : Step, Candidates {};
    static const auto written = [] {
        spec::Object<Written> object("step", "one request of an action");
        object.field("name", &Step::name, spec::text(spec::name_rule()), {.summary = "shown in errors"})
            .field("when", &Step::when, {.summary = "default: always", .required = false})
            .field("request", &Step::request, {.summary = "the request"})
            .field("save", &Step::save,
                   {.summary = "values of the answer (or of {found}), used as {saved.NAME}", .required = false})
            .field("errors", &Step::errors, {.summary = "asked before the connector's own", .required = false});
        return candidate_fields(object).type();
    }();
    static const auto type = spec::settled<Step>(
        written, [](auto& step, const spec::Yaml&) { step.candidates = static_cast<Candidates&>(step); });
    return type;
}

const spec::Type<ActionRule>& describe(spec::Tag<ActionRule>) {
    static const auto idempotency = spec::choice<Idempotency>(
        "idempotency", {{"natural_key", Idempotency::natural_key, "a resend is harmless"},
                        {"idempotency_key", Idempotency::idempotency_key, "the destination knows our key"},
                        {"none", Idempotency::none, "look up before a resend"}});
    static const auto written = [] {
        spec::Object<WrittenAction> object("action", "what can be written to the system");
        object.field("description", &ActionRule::description, {.summary = "for people", .required = false})
            .field("record", &ActionRule::record,
                   {.summary = "the record's fields that it reads, each with its meaning", .required = false});
        steps_fields(object)
            .field("batch", &ActionRule::batch, {.summary = "many records in one request"})
            .field("idempotency", &ActionRule::idempotency, idempotency, {.summary = "what a resend does"})
            .field("idempotency_header", &ActionRule::idempotency_header,
                   {.summary = "header that carries our key", .required = false})
            .field("already_applied", &ActionRule::already_applied, {.summary = "an answer that says: this one I have"})
            .field("look_up", &ActionRule::look_up, look_up_type(), {.summary = "for outcomes nobody knows"})
            .field("remove", &ActionRule::remove, step_list_type("remove", "how a record is deleted"),
                   {.summary = "for deleted records"})
            .check([](const WrittenAction& action, const spec::Yaml& yaml, spec::Problems& problems) {
                if (action.batch && action.steps.size() > 1)
                    problems.add(yaml.place(), "a batch is one request, not steps");
            });
        return object.type();
    }();
    static const auto type =
        spec::settled<ActionRule>(written, [](auto& action, const spec::Yaml&) { action.push = action.list(); });
    return type;
}

}  // namespace tributary::connector
