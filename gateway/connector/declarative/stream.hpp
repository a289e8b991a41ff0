// Streams: what can be read from a system, as a file writes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/cursor.hpp"
#include "gateway/connector/declarative/errors.hpp"
#include "gateway/connector/declarative/export_job.hpp"
#include "gateway/connector/declarative/records.hpp"

namespace tributary::connector {

// A body path or a template over {record}; "id" is short for "{record.id}".
struct KeyRule {
    Template text;
    std::string written;
};
const spec::Type<KeyRule>& describe(spec::Tag<KeyRule>);

// Something read along and put into each record: one request for all records of the page ({keys} are their `parent`
// values, rows find their record by `child`) or for each `size` of them, or one request for each record ({record}).
struct Include {
    std::string into;  // member that is added to the record
    ReadRule rows;
    bool each = false;
    std::vector<ErrorRule> errors;  // asked before the connector's own
    std::string parent;             // path in the record
    std::string child;              // path in the row
    bool single = false;            // the first row itself instead of a list
    int size = 0;                   // {keys} in one request at most; 0: all of them
};
const spec::Type<Include>& describe(spec::Tag<Include>);

struct FetchRule {
    RequestTemplate request;  // {id}
    RecordsRule records;
    std::vector<ErrorRule> errors;  // asked before the stream's
};
const spec::Type<FetchRule>& describe(spec::Tag<FetchRule>);

struct StreamRule {
    std::string description;
    RequestTemplate request;
    RecordsRule records;
    KeyRule key;
    std::optional<CursorRule> cursor;
    std::optional<ExportJob> job;  // made before `request` reads it
    Pages pages;
    std::vector<Include> include;
    Texts add;  // members made of {record} itself, so that mappings find what only stands inside another text
    std::optional<FetchRule> fetch;
    std::vector<ValueTest> deleted;  // all of them hold: the record is a tombstone
    std::vector<ErrorRule> errors;   // asked before the connector's own

    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<StreamRule>& describe(spec::Tag<StreamRule>);

}  // namespace tributary::connector
