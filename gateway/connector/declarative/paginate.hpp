// Pager: where a read of many pages stands and what comes next. Pure: it sees answers, it sends nothing.
//
// A PageState is saved in the cursor after each page, so a read goes on where it stopped. A source that gives the same
// page again, or goes round in circles, is found out: Fault::bad_config, since the file describes its pages wrongly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/connector/declarative/pages.hpp"
#include "gateway/connector/declarative/request.hpp"

namespace tributary::connector {

struct PageState {
    std::int64_t position = 0;  // page number or offset
    std::string token;          // token, key or URL; empty on the first page of those styles
    std::int64_t pages = 0;     // read so far
    std::int64_t records = 0;   // read so far
    std::optional<std::int64_t> total;
    std::string print;       // fingerprint of the page read last
    std::int64_t empty = 0;  // pages without a record in a row
    // Brent's cycle detection: compare with `mark`, which moves on at each power of two.
    std::string mark;
    std::int64_t steps = 0, power = 1;

    void write(value::Builder& out) const;
    static PageState read(value::Node node);
};

struct PageFacts {
    const Answer& answer;
    std::vector<value::Node> records;
    std::string print;  // fingerprint of the records' keys; empty when there are none
};
// Over the keys in their order.
std::string fingerprint(const std::vector<std::string>& keys);

struct Turn {
    enum class Kind { last, next, narrow, again };
    Kind kind = Kind::last;
    PageState state;                   // next, again: where to go on
    std::optional<std::string> delta;  // last: the link from which the next run goes on
    bool incomplete = false;           // last: fewer records than the source counted, also the second time
};

class Pager {
  public:
    explicit Pager(const Pages& pages) : pages_(pages) {}

    PageState first() const;
    // `restarted`: a read that came out incomplete is not begun a third time.
    Result<Turn> after(const PageState& state, const PageFacts& facts, bool restarted = false) const;

    // Binds {page.number}, {page.offset}, {page.token}, {page.after}, {page.size}. `kept` outlives the scope.
    void bind(const PageState& state, Scope& scope, value::Document& kept) const;
    // Adds the query parameters, or replaces the URL by the one to follow.
    void apply(const PageState& state, Draft& draft) const;
    static Names& names(Names& names);

  private:
    std::optional<std::int64_t> count(const std::optional<Where>& where, const Answer& answer) const;
    Result<std::optional<PageState>> successor(const PageState& state, const PageFacts& facts) const;
    Result<void> no_circle(const PageState& before, PageState& next) const;
    const Pages& pages_;
};

}  // namespace tributary::connector
