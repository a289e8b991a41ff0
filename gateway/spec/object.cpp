#include "gateway/spec/object.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/spec/alternatives.hpp"

namespace tributary::spec {
namespace {

bool is_of_kind(const Yaml& yaml, Yaml::Kind kind, std::string_view name, Problems& problems) {
    if (yaml.kind() == kind) return true;
    problems.add(yaml.place(), fmt::format("expected {}, found {}", name, name_of(yaml.kind())));
    return false;
}

bool is_scalar(const Yaml& yaml, std::string_view text) {
    return yaml.is_scalar() && yaml.text() == text;
}

std::string unknown_key(const std::string& key, const Shape& object) {
    std::vector<std::string> known;
    for (const auto& field : object.fields) known.push_back(field.key);
    if (!object.tag.empty()) known.push_back(object.tag);
    if (auto near = nearest(key, known)) return fmt::format("unknown key; did you mean {}?", *near);
    if (known.empty()) return "unknown key; no key is known here";
    if (known.size() > 12) return fmt::format("unknown key in {}", object.name);
    return fmt::format("unknown key; known are {}", join(known, ", "));
}

}  // namespace

bool check_keys(const Yaml& yaml, const Shape& object, Problems& problems) {
    if (!is_of_kind(yaml, Yaml::Kind::map, "a map", problems)) return false;
    for (const auto& child : yaml.children()) {
        if (!object.tag.empty() && child.key() == object.tag) continue;
        auto field = std::ranges::find(object.fields, child.key(), &FieldShape::key);
        if (field == object.fields.end())
            problems.add(child.key_place(), unknown_key(child.key(), object));
        else if (!field->note.deprecated.empty())
            problems.warn(child.key_place(), "deprecated: " + field->note.deprecated);
    }
    return true;
}

const Yaml* field_value(const Yaml& yaml, const Shape& object, std::size_t index, Yaml& fallback, Problems& problems) {
    const auto& field = object.fields[index];
    const auto* written = yaml.find(field.key);
    // A key with nothing after it is a field left out on purpose, unless nothing is what the field may hold.
    if (written && !(written->is_null() && !field.required && field.shape->resolved().kind != Shape::Kind::anything))
        return written;
    if (field.required) {
        problems.add(yaml.key_place(), fmt::format("missing key '{}' ({})", field.key, label_of(*field.shape)));
        return nullptr;
    }
    if (field.note.fallback.empty()) return nullptr;
    auto parsed = parse_yaml(field.note.fallback, "default of " + object.name + "." + field.key, problems);
    if (!parsed) return nullptr;
    fallback = std::move(*parsed);
    return &fallback;
}

bool is_list(const Yaml& yaml, const Shape& shape, Problems& problems) {
    if (!is_of_kind(yaml, Yaml::Kind::sequence, "a list", problems)) return false;
    auto count = static_cast<std::int64_t>(yaml.size());
    if (shape.minimum && count < *shape.minimum)
        problems.add(yaml.place(), fmt::format("expected at least {} items, found {}", *shape.minimum, count));
    else if (shape.maximum && count > *shape.maximum)
        problems.add(yaml.place(), fmt::format("expected at most {} items, found {}", *shape.maximum, count));
    else
        return true;
    return false;
}

bool is_named_map(const Yaml& yaml, const TextRule& keys, Problems& problems) {
    if (!is_of_kind(yaml, Yaml::Kind::map, "a map", problems)) return false;
    bool fine = true;
    for (const auto& child : yaml.children()) {
        if (!keys.holds || keys.holds(child.key())) continue;
        problems.add(child.key_place(), "the key is not " + keys.expected);
        fine = false;
    }
    return fine;
}

std::optional<std::size_t> pick_alternative(const Yaml& yaml, const Shape& alternatives, Problems& problems) {
    if (!is_of_kind(yaml, Yaml::Kind::map, "a map", problems)) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& choice : alternatives.choices) names.push_back(choice.name);
    const auto* tag = yaml.find(alternatives.tag);
    if (!tag) {
        problems.add(yaml.key_place(),
                     fmt::format("missing key '{}' (one of {})", alternatives.tag, join(names, ", ")));
        return std::nullopt;
    }
    for (std::size_t i = 0; i < names.size(); ++i)
        if (is_scalar(*tag, names[i])) return i;
    auto near = tag->is_scalar() ? nearest(tag->text(), names) : std::nullopt;
    problems.add(tag->place(),
                 fmt::format("expected one of {}{}", join(names, ", "), near ? "; did you mean " + *near + "?" : ""));
    return std::nullopt;
}

}  // namespace tributary::spec
