// Records: where they stand in an answer, and how a list of them is read whole, as a file writes it.
#pragma once

#include <string>
#include <vector>

#include "gateway/connector/declarative/paginate.hpp"

namespace tributary::connector {

// Where records stand in an answer.
struct RecordsRule {
    std::string at;                                // path of the list (or of a single record); empty: the whole body
    std::string element;                           // path inside each element ("node" of a GraphQL edge)
    std::vector<std::string> columns;              // rows are lists: the names of their columns
    std::vector<spec::Named<std::string>> rename;  // members whose names no path could hold: "country." becomes country
    bool optional = false;                         // nothing stands there: no records, and no fault
    std::string as;                                // elements are plain values: the member that each becomes

    // Fault::bad_config: nothing stands there, unless optional. A null body or place is no records.
    Result<std::vector<value::Document>> read(const Answer& answer) const;
};

const spec::Type<RecordsRule>& describe(spec::Tag<RecordsRule>);

// A request whose pages are read to the end.
struct ReadRule {
    RequestTemplate request;
    RecordsRule records;
    Pages pages;

    void check(const Names& names, spec::Problems& problems) const;
};
const spec::Type<ReadRule>& describe(spec::Tag<ReadRule>);

}  // namespace tributary::connector
