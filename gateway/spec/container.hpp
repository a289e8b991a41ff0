// Lists, named maps, and types that have a short form.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/spec/scalar.hpp"

namespace tributary::spec {

// Adds a problem and is false when `yaml` is of another kind or has too few or too many children.
bool is_list(const Yaml& yaml, const Shape& shape, Problems& problems);
// The same for maps; keys that break the shape's rule are problems too.
bool is_named_map(const Yaml& yaml, const TextRule& keys, Problems& problems);

template <class T>
Type<std::vector<T>> list_of(Type<T> item, std::int64_t at_least = 0,
                             std::int64_t at_most = std::numeric_limits<std::int64_t>::max()) {
    Shape shape{.kind = Shape::Kind::list,
                .name = "list",
                .minimum = at_least,
                .maximum = at_most,
                .parts = {item.shape_pointer()}};
    auto pointer = std::make_shared<const Shape>(std::move(shape));
    return {pointer, [item, pointer](const Yaml& yaml, Problems& problems) -> std::optional<std::vector<T>> {
                if (!is_list(yaml, *pointer, problems)) return std::nullopt;
                std::vector<T> all;
                for (const auto& child : yaml.children())
                    if (auto value = item.parse(child, problems)) all.push_back(std::move(*value));
                if (all.size() != yaml.size()) return std::nullopt;
                return all;
            }};
}

// Names chosen by the user, in the order written. A null value is given to the item's type as it is.
template <class T>
Type<std::vector<Named<T>>> ordered_map_of(Type<T> item, TextRule keys = {}) {
    Shape shape{.kind = Shape::Kind::map, .name = "map", .pattern = keys.pattern, .parts = {item.shape_pointer()}};
    using All = std::vector<Named<T>>;
    return {std::move(shape), [item, keys](const Yaml& yaml, Problems& problems) -> std::optional<All> {
                bool fine = is_named_map(yaml, keys, problems);
                All all;
                for (const auto& child : yaml.children())
                    if (auto value = item.parse(child, problems))
                        all.push_back(Named<T>{child.key(), std::move(*value)});
                if (!fine || all.size() != yaml.size()) return std::nullopt;
                return all;
            }};
}

template <class T>
Type<std::map<std::string, T>> map_of(Type<T> item, TextRule keys = {}) {
    auto ordered = ordered_map_of(std::move(item), std::move(keys));
    using All = std::map<std::string, T>;
    return {ordered.shape_pointer(), [ordered](const Yaml& yaml, Problems& problems) -> std::optional<All> {
                auto entries = ordered.parse(yaml, problems);
                if (!entries) return std::nullopt;
                All all;
                for (auto& [name, value] : *entries) all.emplace(std::move(name), std::move(value));
                return all;
            }};
}

// Gives `full` a second way to be written, told apart by the YAML kind: a plain string for a map with one interesting
// field.
//     with_short_form<Field>(object, Yaml::Kind::scalar, text(), [](std::string from) { return Field{.from = from}; })
template <class T, class S, class F>
Type<T> with_short_form(Type<T> full, Yaml::Kind kind, Type<S> brief, F expand) {
    Shape shape{.kind = Shape::Kind::either,
                .name = full.shape().name,
                .summary = full.shape().summary,
                .parts = {brief.shape_pointer(), full.shape_pointer()}};
    return {std::move(shape), [full, kind, brief, expand](const Yaml& yaml, Problems& problems) -> std::optional<T> {
                if (yaml.kind() != kind) return full.parse(yaml, problems);
                auto value = brief.parse(yaml, problems);
                if (!value) return std::nullopt;
                return expand(std::move(*value));
            }};
}

// A list that may be written without brackets when it has one item.
template <class T>
Type<std::vector<T>> one_or_many(Type<T> item) {
    auto list = list_of(item);
    Shape shape{.kind = Shape::Kind::either, .name = "list", .parts = {item.shape_pointer(), list.shape_pointer()}};
    return {std::move(shape), [item, list](const Yaml& yaml, Problems& problems) -> std::optional<std::vector<T>> {
                if (yaml.is_sequence()) return list.parse(yaml, problems);
                auto value = item.parse(yaml, problems);
                if (!value) return std::nullopt;
                std::vector<T> all;
                all.push_back(std::move(*value));
                return all;
            }};
}

// The same value with its place.
template <class T>
Type<Placed<T>> placed(Type<T> inner) {
    return {inner.shape_pointer(), [inner](const Yaml& yaml, Problems& problems) -> std::optional<Placed<T>> {
                auto value = inner.parse(yaml, problems);
                if (!value) return std::nullopt;
                return Placed<T>{std::move(*value), yaml.place()};
            }};
}

namespace detail {
template <class T>
struct TypeOf {
    static Type<T> get() {
        static_assert(Described<T>,
                      "declare `const spec::Type<T>& describe(spec::Tag<T>)` in the type's namespace, before its use");
        // By function and not by value, so that a type may contain itself.
        Shape shape{.kind = Shape::Kind::reference,
                    .target = []() -> const Shape& { return describe(Tag<T>{}).shape(); }};
        return {std::move(shape),
                [](const Yaml& yaml, Problems& problems) { return describe(Tag<T>{}).parse(yaml, problems); }};
    }
};
template <class T>
    requires(std::integral<T>)
struct TypeOf<T> {
    static Type<T> get() { return integer<T>(); }
};
// clang-format off
template <> struct TypeOf<bool> { static Type<bool> get() { return boolean(); } };
template <> struct TypeOf<double> { static Type<double> get() { return number(); } };
template <> struct TypeOf<std::string> { static Type<std::string> get() { return text(); } };
template <> struct TypeOf<Milliseconds> { static Type<Milliseconds> get() { return duration(); } };
template <> struct TypeOf<Yaml> { static Type<Yaml> get() { return anything(); } };
template <> struct TypeOf<Template> { static Type<Template> get() { return reference_text(); } };
template <class T> struct TypeOf<Placed<T>> { static auto get() { return placed(type_of<T>()); } };
template <class T> struct TypeOf<std::vector<T>> { static auto get() { return list_of(type_of<T>()); } };
template <class T> struct TypeOf<std::vector<Named<T>>> { static auto get() { return ordered_map_of(type_of<T>()); } };
template <class T> struct TypeOf<std::map<std::string, T>> { static auto get() { return map_of(type_of<T>()); } };
// clang-format on
}  // namespace detail

template <class T>
Type<T> type_of() {
    return detail::TypeOf<T>::get();
}

}  // namespace tributary::spec
