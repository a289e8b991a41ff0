// Type<T>: how a T is written in YAML: its shape, and the function that reads it. Cheap to copy, safe from several
// threads.
//
// Describe a struct or enum once, beside it, in its own namespace; it is then found by its C++ type wherever it occurs:
//
//     struct Retry { Milliseconds give_up_after{}; std::vector<Milliseconds> schedule; };
//     inline const spec::Type<Retry>& describe(spec::Tag<Retry>) {
//         static const spec::Type<Retry> type = spec::Object<Retry>("retry", "when a failed push is tried again")
//             .field("give_up_after", &Retry::give_up_after, {.summary = "age at which it becomes a dead letter",
//             .fallback = "72h"}) .field("schedule", &Retry::schedule, {.summary = "waits between attempts", .fallback
//             = "[30s, 5m]"}) .type();
//         return type;
//     }
//
// and use it: `std::optional<Retry> retry = spec::load<Retry>("retry.yaml", problems);` (load.hpp).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "gateway/spec/shape.hpp"

namespace tributary::spec {

template <class T>
class Type {
  public:
    // nullopt exactly when at least one problem was added.
    using Parse = std::function<std::optional<T>(const Yaml&, Problems&)>;

    Type(Shape shape, Parse parse)
        : shape_(std::make_shared<const Shape>(std::move(shape))), parse_(std::move(parse)) {}
    Type(ShapePointer shape, Parse parse) : shape_(std::move(shape)), parse_(std::move(parse)) {}

    std::optional<T> parse(const Yaml& yaml, Problems& problems) const { return parse_(yaml, problems); }
    const Shape& shape() const { return *shape_; }
    const ShapePointer& shape_pointer() const { return shape_; }

  private:
    ShapePointer shape_;
    Parse parse_;
};

// The argument by which describe() is found.
template <class T>
struct Tag {};

template <class T>
concept Described = requires { describe(Tag<T>{}); };

// A value together with where it stands: for names that are looked up after the file was read.
template <class T>
struct Placed {
    T value{};
    Place place;

    const T& operator*() const { return value; }
    const T* operator->() const { return &value; }
};

// An entry of a map in the order written. (std::pair cannot hold a type that contains itself.)
template <class T>
struct Named {
    std::string name;
    T value{};
};

// The type of a C++ type: std::string, bool, integers, double, Milliseconds, Yaml, Template, Placed<T>, std::vector<T>,
// std::map<std::string, T>, std::vector<Named<T>> (a map in the order written) and all that is
// described.
template <class T>
Type<T> type_of();

}  // namespace tributary::spec
