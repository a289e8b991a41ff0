// What the reports of watch/reports.hpp show, gathered from a gateway. No value of a record is in it.
#pragma once

#include <string>

#include "gateway/app/config_watch.hpp"
#include "gateway/base/result.hpp"
#include "gateway/value/document.hpp"

namespace tributary::app {

class Gateway;

// Blocks.
Result<value::Document> report_figures(Gateway& gateway, ReportKind kind);

struct WrittenReport {
    std::string html, summary;
};
// Blocks.
Result<WrittenReport> make_report(Gateway& gateway, ReportKind kind);

// A part of the review whose data another area of the gateway keeps. `gather` gives an array of objects, one for each
// row, or no document when the area keeps nothing: the page says "not recorded".
struct ReviewSource {
    std::string_view member;  // of the figures: users, requests, retention, drill
    Result<value::Document> (*gather)(Gateway& gateway);
};
const std::vector<ReviewSource>& review_sources();

}  // namespace tributary::app
