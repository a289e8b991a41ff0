#include "gateway/connector/declarative/batch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/connector/declarative/errors.hpp"

namespace tributary::connector {
namespace {

Sink::Outcome unknown(std::string what) {
    return {std::unexpected(Error{Fault::transient, std::move(what)}), true};
}

spec::Type<Fault> fault_type() {
    return spec::choice<Fault>("batch_fault", {{"bad_input", Fault::bad_input},
                                               {"not_found", Fault::not_found},
                                               {"conflict", Fault::conflict},
                                               {"transient", Fault::transient},
                                               {"rate_limited", Fault::rate_limited},
                                               {"refused", Fault::refused}});
}

}  // namespace

Sink::Outcome BatchRule::outcome_of(value::Node result, const Push& item, bool is_failure) const {
    const bool bad =
        is_failure ||
        (!failed.empty() && std::ranges::all_of(failed, [&](const ValueTest& test) { return test.holds(result); }));
    if (!bad) {
        auto id = remote_id.empty() ? std::string() : find_in(result, remote_id).scalar_text();
        return {Receipt{id.empty() ? item.remote_id : std::optional(std::move(id)), false}};
    }
    const auto rule = std::ranges::find_if(faults, [&](const BatchFault& each) { return each.when.holds(result); });
    const auto told = code.empty() ? std::optional<std::string>() : machine_code(result, code);
    return {std::unexpected(
        Error{rule == faults.end() ? fault : rule->fault,
              told ? fmt::format("the batch refused this record ({})", *told) : "the batch refused this record"})};
}

Result<std::vector<Sink::Outcome>> BatchRule::read(const Answer& answer, const std::vector<Push>& items,
                                                   value::Node list) const {
    std::vector<Sink::Outcome> out;
    const auto found = find_in(answer.root(), results);
    if (match.empty() && (!found.is(value::Kind::array) || found.size() != items.size())) {
        // The envelope was fine, but what became of each is not told.
        for (std::size_t i = 0; i < items.size(); ++i)
            out.push_back(
                unknown(fmt::format("the answer to a batch of {} lists {} results", items.size(), found.size())));
        return out;
    }
    Scope scope;
    for (std::size_t i = 0; i < items.size(); ++i) {
        scope.bind("item", list.at(i));
        if (failures) {
            TRY(const auto failure, first_match(find_in(answer.root(), failures->at), failures->match, scope));
            if (failure) {
                out.push_back(outcome_of(failure, items[i], true));
                continue;
            }
        }
        auto result = found.at(i);
        if (!match.empty()) {
            TRY(result, first_match(found, match, scope));
        }
        out.push_back(result ? outcome_of(result, items[i], false)
                             : unknown("the answer to the batch says nothing of this record"));
    }
    return out;
}

void BatchRule::check(const Names& names, spec::Problems& problems) const {
    auto with_item = names;
    with_item.any("item");
    for (const auto& [_, text] : match) text.check(with_item, problems);
    if (failures)
        for (const auto& [_, text] : failures->match) text.check(with_item, problems);
}

const spec::Type<BatchFault>& describe(spec::Tag<BatchFault>) {
    static const auto type = spec::Object<BatchFault>("batch_fault_rule", "what a failed result means")
                                 .field("when", &BatchFault::when, {.summary = "a test of the result"})
                                 .field("fault", &BatchFault::fault, fault_type(), {.summary = "then it is this"})
                                 .type();
    return type;
}

const spec::Type<BatchFailures>& describe(spec::Tag<BatchFailures>) {
    static const auto type =
        spec::Object<BatchFailures>("batch_failures", "a list of failures beside the results")
            .field("at", &BatchFailures::at, {.summary = "path of the list"})
            .field("match", &BatchFailures::match,
                   {.summary = "path in a failure, and the text over {item} that makes it that item's"})
            .type();
    return type;
}

const spec::Type<BatchRule>& describe(spec::Tag<BatchRule>) {
    static const auto type =
        spec::Object<BatchRule>("batch", "many records in one request, {records} or {items}")
            .field("size", &BatchRule::size, spec::integer<std::size_t>(2, 10'000), {.summary = "how many at most"})
            .field("results", &BatchRule::results, {.summary = "path of the list of results"})
            .field("match", &BatchRule::match,
                   {.summary = "results come in any order: path in one, and the text over {item} that makes it that "
                               "item's; without it they come in the order sent",
                    .required = false})
            .field("failures", &BatchRule::failures, {.summary = "failures stand in a list of their own"})
            .field("remote_id", &BatchRule::remote_id, {.summary = "path in each result", .required = false})
            .field("failed", &BatchRule::failed, spec::one_or_many(spec::type_of<ValueTest>()),
                   {.summary = "tests that mark a result as failed", .required = false})
            .field("code", &BatchRule::code,
                   {.summary = "path of a machine code in a failed result", .required = false})
            .field("faults", &BatchRule::faults,
                   {.summary = "what failed results mean; the first that holds counts", .required = false})
            .field("fault", &BatchRule::fault, fault_type(),
                   {.summary = "of the other failed results", .fallback = "bad_input"})
            .check([](const BatchRule& rule, const spec::Yaml& yaml, spec::Problems& problems) {
                if (rule.failures && rule.match.empty())
                    problems.add(yaml.place(), "failures in a list of their own need match for the results");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
