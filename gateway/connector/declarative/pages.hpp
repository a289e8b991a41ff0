// Pages: how a source splits its answers, as a file writes it: the closed list of pagination styles.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "gateway/connector/declarative/answer.hpp"
#include "gateway/connector/declarative/condition.hpp"

namespace tributary::connector {

// One answer holds everything.
struct SinglePage {};

// The next URL, followed as it is given: relative to the request's or absolute on an allowed host.
struct NextUrl {
    Where at;                       // "@odata.nextLink"; empty: the Link header (RFC 8288)
    std::string relation = "next";  // of the Link header
    std::optional<Where> delta;     // the last page's link from which the next run goes on
};

// page=1, 2, 3...
struct PageNumber {
    std::string parameter;  // query parameter; empty: {page.number} stands in the request
    std::string size_parameter;
    std::int64_t first = 1;
    std::optional<Where> total_pages;
};

// offset=0, 100, 200...
struct PageOffset {
    std::string parameter;  // empty: {page.offset}
    std::string size_parameter;
    std::int64_t first = 0;
    std::optional<Where> next;  // the source says where the next page starts
};

// An opaque token from the answer goes into the next request.
struct PageToken {
    Where at;
    std::string parameter;  // empty: {page.token}
    std::string size_parameter;
    std::vector<std::string> ends = {"", "null"};  // values that mean "no more"
};

// The last record's key goes into the next request.
struct Keyset {
    std::string field;      // of the records, usually the key
    std::string parameter;  // empty: {page.after}
    std::string size_parameter;
    std::string start;     // for the first page; empty: the parameter is left out
    bool highest = false;  // the greatest number of the page, not the last record's
    std::int64_t add = 0;  // to the number ("the next one I want")
};

// What every style may have.
struct PageLimits {
    std::optional<std::int64_t> size;        // records in a full page; {page.size}
    std::optional<Where> total;              // the source's count of all records
    std::optional<Condition> more;           // there is another page exactly when this holds
    bool until_short = false;                // a page with fewer than `size` records is the last
    bool until_empty = false;                // an empty page is the last although it names a next one
    std::optional<std::int64_t> result_cap;  // the source shows no more than this: go on with a narrower cursor
    bool complete = false;                   // fewer records than `total` at the end: read once more from the start
};

struct Pages : PageLimits {
    std::variant<SinglePage, NextUrl, PageNumber, PageOffset, PageToken, Keyset> style;
};
const spec::Type<Pages>& describe(spec::Tag<Pages>);

}  // namespace tributary::connector
