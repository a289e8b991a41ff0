// Object<T>: a map with known fields. Unknown keys (with the nearest known one), missing and wrong fields are all
// reported. See type.hpp for how to describe a struct with it.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/spec/container.hpp"

namespace tributary::spec {

// The part that does not depend on T. Keys named `tag` belong to the alternatives around the object. False: do not go
// on.
bool check_keys(const Yaml& yaml, const Shape& object, Problems& problems);
// The value of a field: what is written, else its parsed fallback, else nullptr. `fallback` keeps a parsed default
// alive.
const Yaml* field_value(const Yaml& yaml, const Shape& object, std::size_t index, Yaml& fallback, Problems& problems);

template <class M>
struct Member {
    using Value = M;
    static constexpr bool optional = false;
};
template <class M>
struct Member<std::optional<M>> {
    using Value = M;
    static constexpr bool optional = true;
};
template <class M>
struct Member<std::unique_ptr<M>> {
    using Value = M;
    static constexpr bool optional = true;
};

template <class T>
class Object {
  public:
    // `name` is unique among the objects of a file kind; the schema and the reference use it.
    explicit Object(std::string name, std::string summary = {}) {
        shape_.kind = Shape::Kind::object;
        shape_.name = std::move(name);
        shape_.summary = std::move(summary);
    }

    // A field whose type follows from the member's C++ type.
    template <class B, class M>
        requires std::derived_from<T, B>
    Object& field(std::string key, M B::* member, FieldNote note) {
        return field(std::move(key), member, type_of<typename Member<M>::Value>(), std::move(note));
    }

    // A field with a type of its own: size(), text(url_rule()), one_or_many(...).
    template <class B, class M>
        requires std::derived_from<T, B>
    Object& field(std::string key, M B::* member, Type<typename Member<M>::Value> type, FieldNote note) {
        bool required = note.required && !Member<M>::optional && note.fallback.empty();
        shape_.fields.push_back({std::move(key), type.shape_pointer(), std::move(note), required,
                                 [type](const Yaml& yaml, Problems& problems) { (void)type.parse(yaml, problems); }});
        setters_.push_back([member, type](T& object, const Yaml& yaml, Problems& problems) {
            auto value = type.parse(yaml, problems);
            if (!value) return false;
            if constexpr (requires {
                              typename M::element_type;
                              requires std::same_as<M, std::unique_ptr<typename Member<M>::Value>>;
                          })
                object.*member = std::make_unique<typename Member<M>::Value>(std::move(*value));
            else
                object.*member = std::move(*value);
            return true;
        });
        return *this;
    }

    // Keeps where the object stands.
    Object& place(Place T::* member) {
        place_ = member;
        return *this;
    }

    // A rule across fields; runs when every field of this object was fine.
    Object& check(std::function<void(const T&, const Yaml&, Problems&)> rule) {
        checks_.push_back(std::move(rule));
        return *this;
    }

    // A complete YAML text of this object for the reference; a test parses it.
    Object& example(std::string yaml) {
        shape_.examples.push_back(std::move(yaml));
        return *this;
    }

    Type<T> type() const {
        auto self = std::make_shared<Object>(*this);
        auto parse = [self](const Yaml& yaml, Problems& problems) { return self->parse(yaml, problems); };
        Shape shape = shape_;
        shape.accepts = [parse](const Yaml& yaml, Problems& problems) { (void)parse(yaml, problems); };
        return Type<T>(std::move(shape), parse);
    }

    // For alternatives: `key` is read by them and not unknown here.
    void set_tag(std::string key) { shape_.tag = std::move(key); }

  private:
    std::optional<T> parse(const Yaml& yaml, Problems& problems) const {
        auto before = problems.errors();
        if (!check_keys(yaml, shape_, problems)) return std::nullopt;
        std::optional<T> object(std::in_place);
        for (std::size_t i = 0; i < setters_.size(); ++i) {
            Yaml fallback;
            if (const Yaml* value = field_value(yaml, shape_, i, fallback, problems))
                setters_[i](*object, *value, problems);
        }
        if (place_) (*object).*place_ = yaml.key_place();
        if (problems.errors() == before)
            for (const auto& rule : checks_) rule(*object, yaml, problems);
        if (problems.errors() != before) object.reset();
        return object;
    }

    Shape shape_;
    std::vector<std::function<bool(T&, const Yaml&, Problems&)>> setters_;
    std::vector<std::function<void(const T&, const Yaml&, Problems&)>> checks_;
    Place T::* place_ = nullptr;
};

}  // namespace tributary::spec
