// Cursor rules: how a stream knows what changed since the last run. Pure.
//
// A cursor only ever advances to what was completely read: while pages are being read `since` stands still and `high`
// gathers; after the last page `since` becomes the smaller of `high` and the moment the read began (by the source's own
// clock), so a record that changes behind our back during a long read is found by the next run. A read that came out
// incomplete twice leaves `since` where it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/export_job.hpp"
#include "gateway/connector/declarative/paginate.hpp"
#include "gateway/connector/declarative/time_form.hpp"

namespace tributary::connector {

struct CursorRule {
    std::vector<std::string> fields;  // body paths in the record: the first that is not null counts
    std::string parameter;            // query parameter; empty: {cursor} stands in the request
    TimeForm form;                    // as the request wants it, and as records show it unless `read` is given
    std::optional<TimeForm> read;
    Milliseconds lookback{0};
    std::string start;          // the first cursor, in RFC 3339 (or a number or text); empty: none is sent
    bool refuse_null = false;   // a record without a value is broken; else it is delivered and moves nothing
    bool by_clock = false;      // advance to the moment the read began, whatever the records show
    bool newest_first = false;  // the source shows the newest first: no page is asked for after one that is all old
    // The source answers only for a bounded span: {until} closes it, and one window after the other is read.
    std::optional<Milliseconds> window;
    std::string until_parameter;  // query parameter; empty: {until} stands in the request
};
const spec::Type<CursorRule>& describe(spec::Tag<CursorRule>);

// The whole state of a stream between two pulls; saved as the Cursor's JSON.
struct Progress {
    std::string since;  // canonical: RFC 3339 with milliseconds, a number, or text; empty: from the beginning
    std::string high;   // the highest value seen in this read
    std::string until;  // end of the window that is being read
    std::optional<Timestamp> started;
    std::optional<PageState> page;  // nullopt: the next pull begins a read
    std::string delta;              // the link from which the next run goes on
    bool restarted = false;
    bool narrowed = false;  // `since` was moved within this read, past a result cap: nothing before it is asked for
    std::optional<JobState> job;  // the export that is being made or read

    std::string write() const;
    // Fault::bad_input: not a cursor of ours.
    static Result<Progress> read(std::string_view json);
};

// The value of one record, canonical; nullopt: null. Fault::bad_config: not in the form that the file promises.
Result<std::optional<std::string>> cursor_value(const CursorRule& rule, value::Node record);
// `a` comes before `b`. Empty comes first.
bool cursor_before(const CursorRule& rule, const std::string& a, const std::string& b);
// What goes into the request: `since` less the look-back, in the request's form. A missing root: send none.
Result<value::Document> cursor_parameter(const CursorRule& rule, const Progress& progress);

// What goes into the request for {until}; missing without a window.
value::Document until_parameter(const CursorRule& rule, const Progress& progress);
// Whether a page whose newest value is `page_high` lies wholly before what is asked for, so that a source that shows
// the newest first has nothing more for us.
bool reaches_back(const CursorRule& rule, const std::string& since, const std::string& page_high);

// Begins a read: `now` by the source's clock is not known yet.
void begin(Progress& progress, const CursorRule* rule, const Pager& pager, Timestamp now);
// After one page whose records were all taken: moves on to the next page or window, or ends the read.
// Fault::bad_config: a result cap that no cursor can narrow.
Result<void> advance(Progress& progress, const CursorRule* rule, const Turn& turn, const std::string& page_high,
                     const Pager& pager);

}  // namespace tributary::connector
