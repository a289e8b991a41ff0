#include "connectors/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/duration.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors {

using value::Kind;
using value::Node;

Settings::Settings(Node object, std::string place) : object_(object), place_(std::move(place)) {
    if (object && !object.is(Kind::object)) problem("must be a map of names");
}

Node Settings::take(std::string_view name) {
    known_.emplace_back(name);
    return object_.find(name);
}

void Settings::problem(std::string text) {
    problems_.push_back(fmt::format("{}: {}", place_, text));
}

void Settings::wrong(std::string_view name, std::string_view expected) {
    problem(fmt::format("{} must be {}", name, expected));
}

std::string Settings::text(std::string_view name) {
    const auto node = take(name);
    if (!node)
        problem(fmt::format("{} is missing", name));
    else if (node.size() > 0 || node.scalar_text().empty())
        wrong(name, "a text");
    return node.scalar_text();
}

std::string Settings::text(std::string_view name, std::string fallback) {
    const auto node = take(name);
    if (!node) return fallback;
    if (node.is(Kind::object) || node.is(Kind::array)) wrong(name, "a text");
    return node.scalar_text();
}

std::string Settings::word(std::string_view name, const std::vector<std::string>& words) {
    const auto chosen = text(name, words.front());
    if (std::ranges::find(words, chosen) == words.end()) wrong(name, "one of " + join(words, ", "));
    return chosen;
}

bool Settings::boolean(std::string_view name, bool fallback) {
    const auto node = take(name);
    if (!node) return fallback;
    // A setting that was a reference arrives as text.
    const auto text = node.scalar_text();
    if (text != "true" && text != "false") wrong(name, "true or false");
    return text == "true";
}

std::int64_t Settings::integer(std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most) {
    const auto node = take(name);
    if (!node) return fallback;
    const auto value = to_integer(node.scalar_text());
    if (!value || *value < least || *value > most) {
        wrong(name, fmt::format("a whole number from {} to {}", least, most));
        return fallback;
    }
    return *value;
}

std::vector<std::string> Settings::list(std::string_view name) {
    const auto node = take(name);
    std::vector<std::string> out;
    if (node.is(Kind::object))
        wrong(name, "a list of texts");
    else if (node.is(Kind::array)) {
        for (auto item : node) {
            if (!item || item.size() > 0 || item.is(Kind::object)) wrong(name, "a list of texts");
            out.push_back(item.scalar_text());
        }
    } else if (node) {
        out.push_back(node.scalar_text());
    }
    return out;
}

std::optional<std::int64_t> Settings::milliseconds(std::string_view name) {
    const auto node = take(name);
    if (!node) return std::nullopt;
    const auto duration = parse_duration(node.scalar_text());
    if (duration) return duration->count();
    wrong(name, "a duration such as 30s");
    return std::nullopt;
}

std::int64_t Settings::bytes(std::string_view name, std::int64_t fallback) {
    const auto node = take(name);
    if (!node) return fallback;
    const auto size = parse_size(node.scalar_text());
    if (size) return static_cast<std::int64_t>(*size);
    wrong(name, "a size such as 16MB");
    return fallback;
}

char Settings::character(std::string_view name, char fallback) {
    const auto chosen = text(name, std::string(1, fallback));
    if (chosen == "\\t" || chosen == "tab") return '\t';
    if (chosen.size() == 1) return chosen.front();
    wrong(name, "one ASCII character, or tab");
    return fallback;
}

void Settings::each(std::string_view name, const std::function<void(const std::string&, Settings&)>& read) {
    const auto node = take(name);
    if (node && !node.is(Kind::object)) wrong(name, "a map of names");
    if (!node.is(Kind::object)) return;
    for (auto member : node) {
        const std::string key(member.key());
        Settings inner(member, fmt::format("{}.{}.{}", place_, name, key));
        read(key, inner);
        inner.note_unknown();
        std::ranges::move(inner.problems_, std::back_inserter(problems_));
    }
}

void Settings::within(std::string_view name, const std::function<void(Settings&)>& read) {
    const auto node = map(name);
    if (!node) return;
    Settings inner(node, fmt::format("{}.{}", place_, name));
    read(inner);
    inner.note_unknown();
    std::ranges::move(inner.problems_, std::back_inserter(problems_));
}

Node Settings::map(std::string_view name) {
    const auto node = take(name);
    if (node.is(Kind::object)) return node;
    if (node) wrong(name, "a map of names");
    return {};
}

void Settings::note_unknown() {
    for (auto member : object_) {
        const std::string name(member.key());
        if (!object_.is(Kind::object) || std::ranges::find(known_, name) != known_.end()) continue;
        const auto meant = nearest(name, known_);
        problem(meant ? fmt::format("{} is not known, {} is", name, *meant)
                      : fmt::format("{} is not known; known are {}", name, join(known_, ", ")));
    }
}

Result<void> Settings::finish() {
    note_unknown();
    if (problems_.empty()) return {};
    return fail(Fault::bad_config, join(problems_, "\n"));
}

}  // namespace tributary::connectors
