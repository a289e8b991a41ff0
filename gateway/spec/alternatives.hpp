// Alternatives<V>: objects told apart by an explicit `type:` (or another key). V is a std::variant, or anything that
// every alternative's struct converts to.
//
//     using Store = std::variant<SqliteStore, PostgresStore>;
//     inline const spec::Type<Store>& describe(spec::Tag<Store>) {
//         static const auto type = spec::Alternatives<Store>("store", "where state is kept")
//             .alternative("sqlite", spec::Object<SqliteStore>("store_sqlite").field(...))
//             .alternative("postgres", spec::Object<PostgresStore>("store_postgres").field(...)).type();
//         return type;
//     }
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/spec/object.hpp"

namespace tributary::spec {

// The index of the alternative that `yaml` names by the tag, or a problem.
std::optional<std::size_t> pick_alternative(const Yaml& yaml, const Shape& alternatives, Problems& problems);

template <class V>
class Alternatives {
  public:
    explicit Alternatives(std::string name, std::string summary = {}, std::string tag = "type") {
        shape_.kind = Shape::Kind::alternatives;
        shape_.name = std::move(name);
        shape_.summary = std::move(summary);
        shape_.tag = std::move(tag);
    }

    template <class T>
    Alternatives& alternative(std::string tag_value, Object<T> object) {
        object.set_tag(shape_.tag);
        auto type = object.type();
        shape_.choices.push_back({std::move(tag_value), type.shape().summary});
        shape_.parts.push_back(type.shape_pointer());
        parsers_.push_back([type](const Yaml& yaml, Problems& problems) -> std::optional<V> {
            auto value = type.parse(yaml, problems);
            if (!value) return std::nullopt;
            return V(std::move(*value));
        });
        return *this;
    }

    Alternatives& example(std::string yaml) {
        shape_.examples.push_back(std::move(yaml));
        return *this;
    }

    Type<V> type() const {
        auto parse = [shape = shape_, parsers = parsers_](const Yaml& yaml, Problems& problems) -> std::optional<V> {
            auto which = pick_alternative(yaml, shape, problems);
            if (!which) return std::nullopt;
            return parsers[*which](yaml, problems);
        };
        Shape shape = shape_;
        shape.accepts = [parse](const Yaml& yaml, Problems& problems) { (void)parse(yaml, problems); };
        return Type<V>(std::move(shape), parse);
    }

  private:
    Shape shape_;
    std::vector<typename Type<V>::Parse> parsers_;
};

}  // namespace tributary::spec
