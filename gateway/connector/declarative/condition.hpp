// Condition: when an answer means something special. Everything it names must hold.
//   { status: [400, 403], body: { path: error.code, equals: [4, 17] } }
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/answer.hpp"

namespace tributary::connector {

// A test of one value: there or not, equal to one of some texts, or matching a regular expression (RE2, searched).
struct ValueTest {
    std::string path;  // or header name
    std::optional<bool> present;
    std::vector<std::string> equals;
    std::vector<std::string> differs;  // from all of them (a missing value differs from nothing and does not match)
    std::string matches;
    bool above_zero = false;

    bool holds(const std::optional<std::string>& value) const;
    bool holds(value::Node body) const;
};
const spec::Type<ValueTest>& describe(spec::Tag<ValueTest>);
// A text that is a regular expression (RE2).
spec::TextRule regex_rule();

struct Condition {
    std::vector<int> status;
    std::vector<ValueTest> body;    // a list, or a single one
    std::vector<ValueTest> header;  // `path` is written `name` there

    bool holds(const Answer& answer) const;
};
const spec::Type<Condition>& describe(spec::Tag<Condition>);

}  // namespace tributary::connector
