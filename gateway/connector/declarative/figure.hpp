// Figure: one number by which an answer tells of its own limits. It may stand alone in a header or in the body, within
// a header's text (Salesforce: "api-usage=18/5000"), or in JSON that a header holds (Meta's usage headers).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/condition.hpp"

namespace tributary::connector {

struct Figure {
    std::string header, body;       // one of them
    std::string matches;            // RE2 with one group, which is the figure
    std::vector<std::string> json;  // the text is JSON: the greatest number of all its members with these names
    std::optional<double> fixed;    // the file says it, instead of all that

    // nullopt: it is not there.
    std::optional<std::string> text(const Answer& answer) const;
    // nullopt too when it is no number.
    std::optional<double> number(const Answer& answer) const;
};
const spec::Type<Figure>& describe(spec::Tag<Figure>);

// The fields of a Figure, for what is one and more.
template <class T>
void add_figure_fields(spec::Object<T>& object) {
    object.field("header", &T::header, {.summary = "name of a response header", .required = false})
        .field("body", &T::body, {.summary = "dotted path in the JSON body", .required = false})
        .field("matches", &T::matches, spec::text(regex_rule()),
               {.summary = "its first group is the figure", .required = false})
        .field("json", &T::json, spec::one_or_many(spec::text()),
               {.summary = "the text is JSON: the greatest number of the members with these names, wherever they stand",
                .required = false})
        .check([](const T& figure, const spec::Yaml& yaml, spec::Problems& problems) {
            if (figure.header.empty() == figure.body.empty()) problems.add(yaml.place(), "give either header or body");
        });
}

}  // namespace tributary::connector
