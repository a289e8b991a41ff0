#include "gateway/spec/schema.hpp"

#include "gateway/value/document.hpp"
#include "gateway/value/json.hpp"

namespace tributary::spec {
namespace {

using Json = value::Builder;

// Any text leaf may come from the environment instead.
constexpr std::string_view kOrEnvironment = R"(|\$\{env:[A-Za-z_][A-Za-z0-9_]*\})";

void write_shape(const Shape& shape, Json& out);

Json& pair(Json& out, std::string_view key, std::string_view text) {
    return out.key(key).text(text);
}

void write_inline(const Shape& shape, Json& out) {
    out.begin_object();
    write_shape(shape, out);
    out.end();
}

void write_yaml(const std::string& text, Json& out) {
    Problems ignored;  // check_examples reports a bad default; here it is left out
    auto yaml = parse_yaml(text, "default", ignored);
    out.copy(yaml ? to_document(*yaml).root() : value::Node());
}

void write_text(const Shape& shape, Json& out) {
    bool free = shape.pattern.empty() && shape.format.empty() && !shape.secret;
    if (free)
        out.key("type").begin_array().text("string").text("number").text("boolean").end();
    else
        pair(out, "type", "string");
    if (!shape.pattern.empty())
        pair(out, "pattern", shape.secret ? shape.pattern : shape.pattern + std::string(kOrEnvironment));
    if (!shape.format.empty()) pair(out, "format", shape.format);
}

void write_bounds(const Shape& shape, std::string_view least, std::string_view most, Json& out) {
    if (shape.minimum && !(*shape.minimum == 0 && shape.kind == Shape::Kind::list))
        out.key(least).integer(*shape.minimum);
    if (shape.maximum && *shape.maximum != std::numeric_limits<std::int64_t>::max())
        out.key(most).integer(*shape.maximum);
}

void write_choices(const Shape& shape, Json& out) {
    out.key("enum").begin_array();
    for (const auto& choice : shape.choices) out.text(choice.name);
    out.end();
}

void write_any_of(const Shape& shape, Json& out) {
    out.key("anyOf").begin_array();
    for (const auto& part : shape.parts) write_inline(*part, out);
    out.end();
}

// The members of one schema object.
void write_shape(const Shape& shape, Json& out) {
    switch (shape.kind) {
        case Shape::Kind::text:
            return write_text(shape, out);
        case Shape::Kind::boolean:
            pair(out, "type", "boolean");
            return;
        case Shape::Kind::number:
            pair(out, "type", "number");
            return;
        case Shape::Kind::choice:
            return write_choices(shape, out);
        case Shape::Kind::either:
            return write_any_of(shape, out);
        case Shape::Kind::anything:
            return;
        case Shape::Kind::object:
        case Shape::Kind::alternatives:
            pair(out, "$ref", "#/$defs/" + shape.name);
            return;
        case Shape::Kind::integer:
            pair(out, "type", "integer");
            return write_bounds(shape, "minimum", "maximum", out);
        case Shape::Kind::list:
            pair(out, "type", "array");
            write_bounds(shape, "minItems", "maxItems", out);
            return write_inline(*shape.parts.front(), out.key("items"));
        case Shape::Kind::map:
            pair(out, "type", "object");
            if (!shape.pattern.empty()) pair(out.key("propertyNames").begin_object(), "pattern", shape.pattern).end();
            return write_inline(*shape.parts.front(), out.key("additionalProperties"));
        case Shape::Kind::reference: {
            const auto& target = shape.resolved();
            // A short form that contains itself needs a name of its own.
            if (target.kind == Shape::Kind::either)
                pair(out, "$ref", "#/$defs/" + target.name + ".forms");
            else
                write_shape(target, out);
        }
    }
}

void write_field(const FieldShape& field, Json& out) {
    out.key(field.key).begin_object();
    write_shape(*field.shape, out);
    if (!field.note.summary.empty()) pair(out, "description", field.note.summary);
    if (!field.note.fallback.empty()) write_yaml(field.note.fallback, out.key("default"));
    if (!field.note.deprecated.empty()) out.key("deprecated").boolean(true);
    out.end();
}

void write_object(const NamedShape& named, Json& out) {
    const auto& shape = *named.shape;
    pair(out, "type", "object");
    if (!shape.summary.empty()) pair(out, "description", shape.summary);
    out.key("properties").begin_object();
    if (!named.tag_value.empty()) pair(out.key(shape.tag).begin_object(), "const", named.tag_value).end();
    for (const auto& field : shape.fields) write_field(field, out);
    out.end();
    out.key("required").begin_array();
    if (!named.tag_value.empty()) out.text(shape.tag);
    for (const auto& field : shape.fields)
        if (field.required) out.text(field.key);
    out.end();
    out.key("additionalProperties").boolean(false);
}

void write_definition(const NamedShape& named, Json& out) {
    out.key(named.name).begin_object();
    if (named.shape->kind == Shape::Kind::object) {
        write_object(named, out);
    } else {
        if (!named.shape->summary.empty()) pair(out, "description", named.shape->summary);
        out.key("oneOf").begin_array();
        for (const auto& choice : named.shape->choices)
            pair(out.begin_object(), "$ref", "#/$defs/" + named.shape->name + "." + choice.name).end();
        out.end();
    }
    out.end();
}

}  // namespace

std::string json_schema(const Shape& root, const std::string& id) {
    Json out;
    pair(out.begin_object(), "$schema", "https://json-schema.org/draft/2020-12/schema");
    pair(out, "$id", id);
    pair(out, "title", root.resolved().name);
    write_shape(root, out);
    out.key("$defs").begin_object();
    for (const auto& named : named_shapes(root)) write_definition(named, out);
    for (const auto* form : short_forms(root)) {
        out.key(form->name + ".forms").begin_object();
        write_any_of(*form, out);
        out.end();
    }
    out.end().end();
    return value::to_pretty_json(out.take().root()) + "\n";
}

}  // namespace tributary::spec
