// Form: what a mapping file says about one field, as written. Described for the reader, the JSON Schema and the
// reference; what it means for a given target is decided by compile().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/spec/load.hpp"

namespace tributary::mapping {

struct Form;
using Forms = std::vector<spec::Named<Form>>;  // by target, in the order written

// A plain path is {path: P, empty: false}.
struct ConditionForm {
    spec::Place place;
    std::optional<std::string> path;
    std::optional<spec::Yaml> is, not_;
    std::vector<spec::Yaml> in, not_in;
    std::optional<bool> exists, empty;
    std::optional<std::string> matches;
    std::optional<spec::Placed<std::string>> lua;
    std::vector<ConditionForm> all, any, none;
};

enum class OnError { quarantine, drop };

struct Form {
    Form();
    ~Form();
    Form(Form&&) noexcept;
    Form& operator=(Form&&) noexcept;

    spec::Place place;
    // What gives the value: exactly one of these.
    std::vector<spec::Placed<std::string>> from;
    std::optional<spec::Yaml> value;
    std::optional<spec::Placed<std::string>> text_template;
    std::optional<spec::Placed<std::string>> lua;
    std::optional<spec::Placed<std::string>> link;
    std::optional<spec::Placed<std::string>> each;
    std::vector<Form> list;  // written as a YAML list
    Forms fields;            // alone: a nested object; with `each` or `link`: the members

    // How the value is read.
    std::optional<spec::Placed<std::string>> as;
    std::optional<std::string> format, zone, rounding, decimal_mark, label;
    std::optional<spec::Placed<std::string>> currency, region;  // a code or a path
    std::optional<bool> minor, strict, truncate, false_is_empty;
    std::vector<std::string> empty;
    std::optional<spec::Yaml> lookup;  // a map, or the name of a file in mappings/lookups
    std::optional<spec::Yaml> otherwise, fallback;
    std::optional<ConditionForm> when;
    OnError on_error = OnError::quarantine;

    std::vector<spec::Placed<std::string>> key;  // link
    std::optional<ConditionForm> where;          // each
    std::unique_ptr<Form> item;                  // each
    Forms with;                                  // members beside a money, phone or email value
};

const spec::Type<OnError>& describe(spec::Tag<OnError>);
const spec::Type<ConditionForm>& describe(spec::Tag<ConditionForm>);
const spec::Type<Form>& describe(spec::Tag<Form>);

}  // namespace tributary::mapping
