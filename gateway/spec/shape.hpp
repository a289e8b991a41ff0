// Shape: what a config type looks like, as plain data without its C++ type. JSON Schema, the Markdown reference and the
// test of all examples are written from it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/spec/yaml.hpp"

namespace tributary::spec {

struct Shape;
using ShapePointer = std::shared_ptr<const Shape>;            // shared: copies of a Type describe the same thing
using Accepts = std::function<void(const Yaml&, Problems&)>;  // parses and throws the value away

// What a description says about one field. `fallback` and `example` are YAML texts that the field's own type parses.
struct FieldNote {
    std::string summary;
    std::string fallback;  // the default; a field that has one may be left out
    bool required = true;  // false: left out, the member keeps what its struct gave it. std::optional members never are
    std::string example;
    std::string deprecated;  // what to write instead; its use is a warning
    bool advanced = false;   // listed after the others
};

struct FieldShape {
    std::string key;
    ShapePointer shape;
    FieldNote note;
    bool required = true;
    Accepts accepts;
};

struct Shape {
    enum class Kind {
        text,
        boolean,
        integer,
        number,
        choice,
        list,
        map,
        object,
        alternatives,
        either,
        anything,
        reference
    };
    struct Choice {
        std::string name, summary;
    };

    Kind kind = Kind::anything;
    std::string name;  // "text", "duration", "cron", or what an object is called: unique among objects
    std::string summary;
    std::string pattern;                           // text, and the keys of a map: ECMA-262, anchored
    std::string format;                            // JSON Schema's name, such as "uri"
    std::optional<std::int64_t> minimum, maximum;  // of an integer, or how many items
    bool secret = false;
    std::vector<Choice> choices;         // choice; alternatives: one for each part
    std::vector<ShapePointer> parts;     // list: the item; map: the value; alternatives: objects; either: the forms
    std::vector<FieldShape> fields;      // object
    std::string tag;                     // alternatives: the key that tells them apart
    std::vector<std::string> examples;   // YAML texts
    Accepts accepts;                     // object, alternatives and either
    const Shape& (*target)() = nullptr;  // reference: an object described elsewhere, perhaps itself

    // The shape behind a reference, else this one.
    const Shape& resolved() const { return kind == Kind::reference ? target() : *this; }
};

// "duration", "list of text", "one of a, b": the type column of the reference.
std::string label_of(const Shape& shape);

// An object, or alternatives of objects, somewhere below a root.
struct NamedShape {
    const Shape* shape = nullptr;
    std::string name;       // its own, or "store.sqlite" for one of several alternatives
    std::string tag_value;  // of such a one: what the tag says
};
// Every object and alternatives below `root`, itself included, each once, nearest first.
std::vector<NamedShape> named_shapes(const Shape& root);
// Every type with a short form below `root` that is found by its C++ type, and so may contain itself.
std::vector<const Shape*> short_forms(const Shape& root);

}  // namespace tributary::spec
