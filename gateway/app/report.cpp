// How results and errors look on a terminal.
#include <algorithm>
#include <iostream>

#include "gateway/app/commands.hpp"
#include "gateway/value/json.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kWidest = 60;

int exit_code(Fault fault) {
    switch (fault) {
        case Fault::bad_input:
        case Fault::bad_config:
        case Fault::refused:
        case Fault::not_found:
            return 1;
        case Fault::unauthorized:
        case Fault::rate_limited:
        case Fault::transient:
        case Fault::conflict:
            return 3;
        case Fault::internal:
            return 4;
    }
    return 4;
}

std::string whole(value::Node node) {
    return node.is(value::Kind::object) || node.is(value::Kind::array) ? value::to_json(node) : node.scalar_text();
}

std::string cell(value::Node node) {
    auto text = whole(node);
    if (text.size() > kWidest) text = text.substr(0, kWidest - 3) + "...";
    return text;
}

// An array of objects with the same members, in columns.
void print_table(value::Node rows) {
    std::vector<std::vector<std::string>> lines;
    for (auto row : rows) {
        if (lines.empty()) {
            auto& head = lines.emplace_back();
            for (auto member : row) head.emplace_back(member.key());
        }
        auto& line = lines.emplace_back();
        for (const auto& column : lines.front()) line.push_back(cell(row.find(column)));
    }
    std::vector<std::size_t> widths;
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (i == widths.size()) widths.push_back(0);
            widths[i] = std::max(widths[i], line[i].size());
        }
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i)
            std::cout << (i ? "  " : "  ") << line[i] << std::string(widths[i] - line[i].size(), ' ');
        std::cout << '\n';
    }
}

bool is_table(value::Node node) {
    return node.is(value::Kind::array) && node.size() > 0 && node.at(0).is(value::Kind::object);
}

}  // namespace

int report(const Common& common, const Error& error) {
    if (common.json) {
        value::Builder out;
        out.begin_object()
            .key("fault")
            .text(name_of(error.fault))
            .key("where")
            .text(error.where)
            .key("what")
            .text(error.what)
            .end();
        auto document = out.take();
        std::cerr << value::to_json(document.root()) << '\n';
    } else {
        std::cerr << "tributary: " << error.text() << '\n';
    }
    return exit_code(error.fault);
}

void print(const Common& common, value::Node result) {
    if (common.json || !result.is(value::Kind::object)) {
        std::cout << value::to_json(result) << '\n';
        return;
    }
    for (auto member : result) {
        if (is_table(member)) {
            std::cout << member.key() << '\n';
            print_table(member);
        } else if (member.is(value::Kind::object)) {
            std::cout << member.key() << '\n' << value::to_pretty_json(member) << '\n';
        } else {
            std::cout << member.key() << ": " << whole(member) << '\n';  // a token is shown once: never cut
        }
    }
}

}  // namespace tributary::app
