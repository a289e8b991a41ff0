// Reports: what is looked at every quarter, and how good the data is. Pure: from gathered figures to a page. Parts
// whose figures are missing or null say that they are not recorded; empty ones say that there is nothing.
#pragma once

#include <string>

#include "gateway/value/document.hpp"

namespace tributary::watch {

// Members: gateway, at, users, credentials, requests, retention, consents, customers, deliveries, audit, drill, alerts,
// streams. app/report_figures.cpp gathers them.
std::string review_page(value::Node figures);

// Members: gateway, at, records, customers, duplicates, streams, issues, drift, dead_letters, destinations.
std::string quality_page(value::Node figures);

// The most important figures in a few lines, for a mail.
std::string review_summary(value::Node figures);
std::string quality_summary(value::Node figures);

// "2 h", "3 days"; empty for no time at all.
std::string span_text(std::int64_t seconds);

}  // namespace tributary::watch
