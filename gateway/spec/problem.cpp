#include "gateway/spec/problem.hpp"

#include <algorithm>
#include <tuple>

namespace tributary::spec {
namespace {

auto rank(const Problem& problem) {
    return std::tie(problem.place.file, problem.place.mark.line, problem.place.mark.column, problem.place.path,
                    problem.message);
}

}  // namespace

std::string Problem::text() const {
    std::string out = place.file;
    if (place.mark.line > 0)
        out += (out.empty() ? "" : ":") + std::to_string(place.mark.line) + ":" + std::to_string(place.mark.column);
    if (!out.empty()) out += ": ";
    if (!place.path.empty()) out += place.path + ": ";
    return out + (warning ? "warning: " : "") + message;
}

void Problems::add(Place place, std::string message) {
    all_.push_back({std::move(place), std::move(message)});
    ++errors_;
}

void Problems::warn(Place place, std::string message) {
    all_.push_back({std::move(place), std::move(message), true});
}

void Problems::append(Problems others) {
    errors_ += others.errors_;
    std::move(others.all_.begin(), others.all_.end(), std::back_inserter(all_));
}

std::vector<Problem> Problems::sorted() const {
    auto all = all_;
    std::ranges::sort(all, {}, rank);
    auto twice = std::ranges::unique(all, {}, rank);
    all.erase(twice.begin(), twice.end());
    return all;
}

std::string Problems::text() const {
    std::string out;
    for (const auto& problem : sorted()) out += problem.text() + "\n";
    return out;
}

Error Problems::error() const {
    std::string what;
    for (const auto& problem : sorted())
        if (!problem.warning) what += (what.empty() ? "" : "\n") + problem.text();
    return {Fault::bad_config, what, ""};
}

}  // namespace tributary::spec
