#include "gateway/connector/declarative/condition.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace tributary::connector {
namespace {

spec::Object<ValueTest> test_object(std::string name, std::string key) {
    spec::Object<ValueTest> object(std::move(name), "a test of one value");
    object.field(std::move(key), &ValueTest::path, {.summary = "which value"})
        .field("present", &ValueTest::present, {.summary = "true: there and not null; false: missing or null"})
        .field("equals", &ValueTest::equals, spec::one_or_many(spec::text()),
               {.summary = "it is one of these", .required = false})
        .field("differs", &ValueTest::differs, spec::one_or_many(spec::text()),
               {.summary = "it is there and none of these", .required = false})
        .field("matches", &ValueTest::matches, spec::text(regex_rule()),
               {.summary = "it holds a match of this regular expression", .required = false})
        .field("above_zero", &ValueTest::above_zero, {.summary = "it is a number above 0", .required = false})
        .check([](const ValueTest& test, const spec::Yaml& yaml, spec::Problems& problems) {
            if (!test.present && test.equals.empty() && test.differs.empty() && test.matches.empty() &&
                !test.above_zero)
                problems.add(yaml.place(), "say what is tested: present, equals, differs, matches or above_zero");
        });
    return object;
}

}  // namespace

spec::TextRule regex_rule() {
    return {.name = "regex", .expected = "a regular expression (RE2)", .holds = [](std::string_view text) {
                return RE2(text, RE2::Quiet).ok();
            }};
}

bool ValueTest::holds(const std::optional<std::string>& value) const {
    if (present && *present != value.has_value()) return false;
    if (!equals.empty() && (!value || !std::ranges::count(equals, *value))) return false;
    if (!differs.empty() && (!value || std::ranges::count(differs, *value))) return false;
    if (!matches.empty() && (!value || !RE2::PartialMatch(*value, matches))) return false;
    if (above_zero && (!value || value->starts_with('-') || value->find_first_of("123456789") == std::string::npos))
        return false;
    return true;
}

bool ValueTest::holds(value::Node body) const {
    const auto node = find_in(body, path);
    if (!node) return holds(std::optional<std::string>());
    return holds(std::optional(node.scalar_text()));
}

bool Condition::holds(const Answer& answer) const {
    if (!status.empty() && !std::ranges::count(status, answer.status)) return false;
    const auto in_header = [&](const ValueTest& test) {
        const auto* found = answer.header(test.path);
        return test.holds(found ? std::optional(*found) : std::nullopt);
    };
    return std::ranges::all_of(body, [&](const ValueTest& test) { return test.holds(answer.root()); }) &&
           std::ranges::all_of(header, in_header);
}

const spec::Type<ValueTest>& describe(spec::Tag<ValueTest>) {
    static const auto type = test_object("body_test", "path").type();
    return type;
}

const spec::Type<Condition>& describe(spec::Tag<Condition>) {
    static const auto type =
        spec::Object<Condition>("condition", "everything named must hold")
            .field("status", &Condition::status, spec::one_or_many(spec::integer<int>(100, 599)),
                   {.summary = "the HTTP status is one of these", .required = false})
            .field("body", &Condition::body, spec::one_or_many(spec::type_of<ValueTest>()),
                   {.summary = "tests of values in the body", .required = false})
            .field("header", &Condition::header, spec::one_or_many(test_object("header_test", "name").type()),
                   {.summary = "tests of response headers", .required = false})
            .check([](const Condition& condition, const spec::Yaml& yaml, spec::Problems& problems) {
                if (condition.status.empty() && condition.body.empty() && condition.header.empty())
                    problems.add(yaml.place(), "a condition needs status, body or header");
            })
            .type();
    return type;
}

}  // namespace tributary::connector
