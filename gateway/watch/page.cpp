#include "gateway/watch/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gateway/base/html.hpp"
#include "gateway/base/visible_text.hpp"

namespace tributary::watch {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1b2430; --dim: #566273; --paper: #ffffff; --line: #d5dbe3; --bar: #2463ad; --warn: #b23c17; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --dim: #a3afbd; --paper: #151a21; --line: #38424f; --bar: #6aa5ea; --warn: #f08a5f; } }
@media print { :root { --ink: #000; --dim: #444; --paper: #fff; --line: #bbb; --bar: #2463ad; --warn: #b23c17; } section { break-inside: avoid; } body { padding: 0; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .3rem; border-bottom: 1px solid var(--line); }
p { margin: .4rem 0; } .dim, .none { color: var(--dim); } .none { font-style: italic; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 600; } .n { text-align: right; white-space: nowrap; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: .6rem 0; }
.figure { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .9rem; min-width: 9rem; }
.figure b { display: block; font-size: 1.5rem; } .figure.warn b { color: var(--warn); }
svg { width: 100%; height: auto; margin: .6rem 0; } svg text { font: 13px system-ui, sans-serif; fill: var(--ink); }
svg .bar { fill: var(--bar); } svg .bar.warn { fill: var(--warn); } svg .axis { stroke: var(--line); }
)";

constexpr std::size_t kLongestLabel = 40;
constexpr double kLabelWidth = 270, kBarWidth = 480, kRow = 26, kWidth = 900;

}  // namespace

std::string html_text(std::string_view text) {
    return html_escaped(visible_text(text, 2000));
}

std::string grouped(std::int64_t number) {
    auto digits = std::to_string(number);
    const std::ptrdiff_t sign = number < 0 ? 1 : 0;
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > sign; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

void Page::end_figures() {
    if (std::exchange(figures_, false)) body_ += "</div>\n";
}

void Page::section(std::string_view title, std::string_view about) {
    end_figures();
    if (!body_.empty()) body_ += "</section>\n";
    body_ += fmt::format("<section>\n<h2>{}</h2>\n", html_text(title));
    if (!about.empty()) body_ += fmt::format("<p class=\"dim\">{}</p>\n", html_text(about));
}

void Page::text(std::string_view words) {
    end_figures();
    body_ += fmt::format("<p>{}</p>\n", html_text(words));
}

void Page::nothing(std::string_view why) {
    end_figures();
    body_ += fmt::format("<p class=\"none\">{}</p>\n", html_text(why));
}

void Page::figure(std::string_view value, std::string_view what, bool warning) {
    if (!std::exchange(figures_, true)) body_ += "<div class=\"figures\">\n";
    body_ += fmt::format("<div class=\"figure{}\"><b>{}</b>{}</div>\n", warning ? " warn" : "", html_text(value),
                         html_text(what));
}

void Page::table(const std::vector<Column>& head, const std::vector<std::vector<std::string>>& rows) {
    end_figures();
    body_ += "<table>\n<thead><tr>";
    for (const auto& column : head)
        body_ +=
            fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"n\"" : "", html_text(column.title));
    body_ += "</tr></thead>\n<tbody>\n";
    for (const auto& row : rows) {
        body_ += "<tr>";
        for (std::size_t i = 0; i < head.size(); ++i)
            body_ += fmt::format("<td{}>{}</td>", head[i].number ? " class=\"n\"" : "",
                                 i < row.size() ? html_text(row[i]) : "");
        body_ += "</tr>\n";
    }
    body_ += "</tbody>\n</table>\n";
}

void Page::bars(std::string_view what, const std::vector<Bar>& bars) {
    end_figures();
    double longest = 0;
    for (const auto& bar : bars) longest = std::max(longest, bar.value);
    const auto height = kRow * static_cast<double>(bars.size()) + 8;
    body_ += fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n<title>{}</title>\n", kWidth,
                         height, html_text(what), html_text(what));
    body_ += fmt::format("<line class=\"axis\" x1=\"{0}\" y1=\"0\" x2=\"{0}\" y2=\"{1}\"/>\n", kLabelWidth, height);
    double top = 4;
    for (const auto& bar : bars) {
        const auto width = longest > 0 ? std::max(0.0, bar.value) / longest * kBarWidth : 0;
        body_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", kLabelWidth - 8, top + 17,
                             html_text(visible_text(bar.label, kLongestLabel)));
        body_ += fmt::format("<rect class=\"bar{}\" x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"18\"/>",
                             bar.warning ? " warn" : "", kLabelWidth, top + 3, width);
        body_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\">{}</text>\n", kLabelWidth + width + 8, top + 17,
                             html_text(bar.shown));
        top += kRow;
    }
    body_ += "</svg>\n";
}

std::string Page::html() const {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n<p "
        "class=\"dim\">{}</p>\n</header>\n"
        "<main>\n{}{}{}</main>\n</body>\n</html>\n",
        html_text(title_), kStyle, html_text(title_), html_text(about_), body_, figures_ ? "</div>\n" : "",
        body_.empty() ? "" : "</section>\n");
}

}  // namespace tributary::watch
