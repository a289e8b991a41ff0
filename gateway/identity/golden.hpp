// Golden view: what we show and deliver as one customer, computed from its source records by survivorship rules. Never
// stored as truth: unlinking a record and computing again gives back exactly what was before.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "gateway/identity/resolve.hpp"
#include "gateway/spec/problem.hpp"
#include "gateway/spec/yaml.hpp"
#include "gateway/value/document.hpp"

namespace tributary::identity {

enum class Strategy { most_recent, oldest, most_complete, verified, source_priority, all };

struct Survivorship {
    std::vector<std::string> sources;  // connections, most trusted first; for source_priority and for ties
    Strategy fallback = Strategy::most_recent;
    std::map<std::string, Strategy> fields;  // dotted path of a field -> its strategy; arrays default to `all` (union)
};

// Problems name what is wrong with file:line:col.
Survivorship parse_survivorship(const spec::Yaml& yaml, spec::Problems& problems);

struct GoldenView {
    value::Document contact;
    // {"name.given": "<record uid>", "emails": ["<uid>", ...]}: where each field came from.
    value::Document provenance;
};

// The same people in any order give byte-identical JSON. Deleted ones give nothing; all deleted: contact is empty.
GoldenView golden(std::span<const Person> people, const Survivorship& rules);

}  // namespace tributary::identity
