// An access pack as CSV and as a page for people.
#include <array>

#include "gateway/base/html.hpp"
#include "gateway/flow/access_pack.hpp"
#include "gateway/value/csv.hpp"

namespace tributary::flow {
namespace {

bool is_plain(value::Node node) {
    return !node.is(value::Kind::object) && !node.is(value::Kind::array);
}

// Calls use(path, value) for each scalar below.
template <class F>
void each_value(value::Node node, const std::string& path, const F& use) {
    if (is_plain(node)) {
        if (node) use(path, node);
        return;
    }
    std::size_t index = 0;
    for (auto child : node) {
        auto below = node.is(value::Kind::array) ? path + "[" + std::to_string(index++) + "]"
                                                 : path + (path.empty() ? "" : ".") + std::string(child.key());
        each_value(child, below, use);
    }
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTitles{{
    {"about", "This answer"},
    {"person", "Who you are to us"},
    {"records", "What we hold, and where it came from"},
    {"consent", "What you agreed to, refused or withdrew"},
    {"recipients", "Who got data about you"},
    {"deliveries", "When it was sent"},
    {"purposes", "Why, and on which lawful basis"},
    {"retention", "How long it is kept"},
    {"queue", "What waits to be sent"},
    {"withheld", "What is not sent, and why"},
    {"dead_letters", "What could not be worked on"},
    {"restrictions", "Restrictions"},
}};

void html_section(value::Node node, std::string& out) {
    if (is_plain(node)) return;
    std::size_t index = 0;
    const auto table = [&](value::Node one) {
        out += "<table>";
        each_value(one, "", [&](const std::string& path, value::Node value) {
            out += "<tr><th>";
            out += html_escaped(path);
            out += "</th><td>";
            out += html_escaped(value.scalar_text());
            out += "</td></tr>";
        });
        out += "</table>\n";
    };
    if (node.is(value::Kind::object)) return table(node);
    if (node.size() == 0) out += "<p>Nothing.</p>\n";
    for (auto one : node) {
        out += "<h3>" + std::to_string(++index) + "</h3>";
        table(one);
    }
}

}  // namespace

std::string access_csv(value::Node pack) {
    const value::CsvWriter writer({"section", "number", "field", "value"}, {.escape_formulas = true});
    std::string out;
    writer.header(out);
    const auto rows = [&](std::string_view name, std::size_t number, value::Node one) {
        each_value(one, "", [&](const std::string& path, value::Node value) {
            value::Builder row;
            row.begin_object().key("section").text(name).key("number").integer(static_cast<std::int64_t>(number));
            const auto document = row.key("field").text(path).key("value").text(value.scalar_text()).end().take();
            writer.row(document.root(), out);
        });
    };
    for (auto part : pack) {
        if (!part.is(value::Kind::array)) {
            rows(part.key(), 1, part);
            continue;
        }
        std::size_t number = 0;
        for (auto one : part) rows(part.key(), ++number, one);
    }
    return out;
}

std::string access_html(value::Node pack) {
    std::string out =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Your data</title><style>"
        "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;"
        "margin:0 0 1em}th,td{border:1px solid #bbb;padding:.2em .6em;text-align:left;vertical-align:top;"
        "overflow-wrap:anywhere}th{font-weight:normal;color:#444}</style></head><body><h1>Your data</h1>\n";
    for (const auto& [name, title] : kTitles) {
        const auto part = pack.find(name);
        if (!part) continue;
        out += "<h2>" + std::string(title) + "</h2>\n";
        html_section(part, out);
    }
    return out + "</body></html>\n";
}

}  // namespace tributary::flow
