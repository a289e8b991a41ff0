// MappingFile: a file mappings/<connector>/<stream>.yaml as written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/mapping/form.hpp"

namespace tributary::mapping {

// What holds for every field of the file that does not say otherwise.
struct Defaults {
    std::optional<std::string> zone;
    std::optional<spec::Placed<std::string>> currency, region;
    std::vector<std::string> empty;
    bool false_is_empty = false;
};

struct CheckForm {
    spec::Placed<std::string> lua;
    std::string message;
};

struct ConsentForm {
    spec::Place place;
    std::optional<ConditionForm> when;
    Forms fields;
};

struct ExpectedIssue {
    std::string code;
    std::string target;  // empty: any
};

struct ExpectedRecord {
    std::string entity;
    std::string key;  // empty: any
    spec::Yaml record;
};

// An inline test: what one source record must become. `expect` names the fields that matter; others may be there.
struct Test {
    spec::Place place;
    std::string name;
    spec::Yaml given;
    std::optional<spec::Yaml> expect;            // of the main record; null for a field means that it is not there
    std::vector<ExpectedRecord> expect_records;  // linked records and consent events
    std::vector<ExpectedIssue> expect_issues;    // all issues, in any order; none when left out
    bool expect_skipped = false, expect_deleted = false;
};

struct MappingFile {
    spec::Place place;
    spec::Placed<std::string> mapping;
    std::optional<spec::Placed<std::string>> to, from;
    std::string about;
    Defaults defaults;
    Forms fields;
    std::vector<spec::Placed<std::string>> require;
    std::vector<CheckForm> check;
    std::optional<ConditionForm> skip, deleted;
    std::vector<ConsentForm> consent;
    std::vector<Test> tests;
};

const spec::Type<Defaults>& describe(spec::Tag<Defaults>);
const spec::Type<MappingFile>& describe(spec::Tag<MappingFile>);

}  // namespace tributary::mapping
